/** Where a fetch to an issuer goes, and what it brings back. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type IssuerServer, startIssuer } from '@sallyport/testkit/issuer';
import { IssuerUnreachable, makeIssuerFetch } from './issuer-fetch.ts';

const DISCOVERY = '/ci/.well-known/openid-configuration';
let server: IssuerServer;

beforeAll(async () => {
  server = await startIssuer({ issuers: [{ name: 'ci' }] });
});
afterAll(() => server.close());

const IDP = {};
const get = { method: 'GET', headers: { accept: 'application/json' } } as const;
const problemOf = async (answer: Promise<Response>) => {
  const thrown: unknown = await answer.then(
    () => undefined,
    (error: unknown) => error,
  );
  return thrown instanceof IssuerUnreachable ? thrown.problem : thrown;
};

describe('a fetch to an issuer', () => {
  test('brings the answer back, whole', async () => {
    const answer = await makeIssuerFetch({ allowLoopback: true })(IDP, server.origin + DISCOVERY, get);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ issuer: `${server.origin}/ci` });
  });

  test('X2: a redirect is answered as it is, and not followed', async () => {
    server.issuer('ci').failDiscovery('redirect');
    server.requests.reset();
    const answer = await makeIssuerFetch({ allowLoopback: true })(IDP, server.origin + DISCOVERY, get);
    server.issuer('ci').failDiscovery();
    expect(answer.status).toBe(302);
    expect(server.requests.paths()).toEqual([DISCOVERY]);
  });

  test.each([
    ['http where it is not allowed', 'http://localhost:1/', false, 'insecure_url'],
    ['what is no address', 'nonsense', true, 'insecure_url'],
    ['credentials', 'https://user:pass@idp.test/', false, 'insecure_url'],
    ['a private address', 'https://10.0.0.1/', false, 'address'],
    ['a name with one private address', 'https://idp.test/', false, 'address'],
    ['loopback where it is not allowed', 'https://127.0.0.1/', false, 'address'],
    ['nobody there', 'http://127.0.0.1:1/', true, 'unreachable'],
  ])('X2: %s is refused', async (_, url, allowLoopback, problem) => {
    const resolve = async (name: string) =>
      name === 'idp.test' ? ['8.8.8.8', '10.0.0.1'] : [name.replace('localhost', '127.0.0.1')];
    expect(await problemOf(makeIssuerFetch({ allowLoopback, resolve })(IDP, url, get))).toBe(problem);
  });

  test.each([
    ['huge', 'too_large'],
    ['silent', 'unreachable'],
    ['cut', 'unreachable'],
  ] as const)('fault J3: an answer that is %s is an outage', async (fault, problem) => {
    server.issuer('ci').failDiscovery(fault);
    const fetching = makeIssuerFetch({ allowLoopback: true, timeoutMs: 2_000 });
    expect(await problemOf(fetching(IDP, server.origin + DISCOVERY, get))).toBe(problem);
    server.issuer('ci').failDiscovery();
  });
});
