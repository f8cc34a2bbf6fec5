/** Bad input of HTTP itself, over real connections: 4xx with the headers every answer has, then closed; and a server that goes on. */
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BrokerHouse, startBrokerHouse } from './testing/broker-house.ts';

const SLOW_MS = 15_000;
const FORM = 'POST /oauth/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n';

let house: BrokerHouse;
let port: number;
/** Two clients that never finish: the head of a request, and its body. They wait while the other tests run. */
let slow: readonly Promise<string>[];
beforeAll(async () => {
  house = await startBrokerHouse();
  await house.app.listen({ host: '127.0.0.1', port: 0 });
  ({ port } = house.app.server.address() as AddressInfo);
  const { headersTimeout, requestTimeout, keepAliveTimeout } = house.app.server;
  expect({ headersTimeout, requestTimeout, keepAliveTimeout }).toEqual({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
  });
  house.app.server.headersTimeout = 500;
  slow = [send('GET /oauth/jwks HTTP/1.1\r\nhost: x\r\nx-slow'), send('GET /oauth/jwks HTTP/1.1\r\n')];
});
afterAll(() => house.close());

/** All that was answered until the server closed. */
function send(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    const late = setTimeout(() => socket.destroy(new Error(`still open after: ${got}`)), SLOW_MS);
    socket.on('data', (bytes) => {
      got += bytes.toString('latin1');
    });
    socket.on('error', (thrown: NodeJS.ErrnoException) => thrown.code !== 'ECONNRESET' && reject(thrown));
    socket.on('close', () => {
      clearTimeout(late);
      resolve(got);
    });
  });
}

function expectRefused(answer: string, status: number): void {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  for (const line of [
    /x-content-type-options: nosniff/i,
    /content-security-policy: default-src 'none'; frame-ancestors 'none'/i,
    /referrer-policy: no-referrer/i,
    /cross-origin-resource-policy: same-origin/i,
    /x-correlation-id: [\w-]{22}/i,
    /cache-control: no-store/i,
    /connection: close/i,
  ]) {
    expect(head).toMatch(line);
  }
  expect(head).not.toMatch(/^server:|x-powered-by/im);
  expect(JSON.parse(body)).toBeInstanceOf(Object);
  expect(body.length).toBeLessThanOrEqual(1_024);
}

describe('framing', () => {
  test.each([
    ['no HTTP at all', 'NONSENSE\r\n\r\n', 400],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a verb nobody knows', 'BREW /oauth/token HTTP/1.1\r\nhost: x\r\n\r\n', 400],
    ['a header without a colon', 'GET /oauth/jwks HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n', 400],
    ['a folded header', 'GET /oauth/jwks HTTP/1.1\r\nhost: x\r\nx: a\r\n b: c\r\n\r\n', 400],
    ['bytes that are no URL', 'GET /oauth/\xe9 HTTP/1.1\r\nhost: x\r\n\r\n', 400],
    ['two lengths', `${FORM}content-length: 3\r\ncontent-length: 4\r\n\r\nabcd`, 400],
    ['a length and chunks', `${FORM}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['chunks and something else', `${FORM}transfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n`, 400],
    ['a negative length', `${FORM}content-length: -1\r\n\r\n`, 400],
    ['a chunk of no size', `${FORM}transfer-encoding: chunked\r\n\r\nzz\r\n\r\n`, 400],
    ['a header of 20 kB', `GET /oauth/jwks HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['a path of 20 kB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431],
    ['a body that says it is 100 MB', `${FORM}content-length: 99999999\r\n\r\nabc`, 413],
    [
      'chunks beyond 64 kB',
      `${FORM}transfer-encoding: chunked\r\n\r\n${`4000\r\n${'a'.repeat(0x4000)}\r\n`.repeat(6)}`,
      413,
    ],
    ['an expectation', `${FORM}expect: 200-maybe\r\ncontent-length: 1\r\n\r\na`, 417],
  ])('%s', async (_what, text, status) => {
    expectRefused(await send(text), status);
  });
});

describe('one host (RFC 9112 section 3.2)', () => {
  const get = (hosts: string) => send(`GET /oauth/token HTTP/1.1\r\n${hosts}connection: close\r\n\r\n`);

  test('none, or two, is 400', async () => {
    expectRefused(await get(''), 400);
    expectRefused(await get('host: x\r\nHost: y\r\n'), 400);
    expectRefused(await get('host: x\r\nHost: x\r\n'), 400);
  });

  test('HTTP/1.0 may do without', async () => {
    expect(await send('GET /oauth/jwks HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('verbs and paths', () => {
  const get = async (path: string, method = 'GET') =>
    send(`${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);

  test.each([
    '/oauth//token',
    '//oauth/token',
    '/OAuth/token',
    '/oauth/token/',
    '/oauth/./token',
    '/v1/../oauth/token',
    '/oauth%2ftoken',
    '/oauth/token;x',
    '/oauth/token%00',
    '/oauth\\token',
    '/.well-known/',
    '/v1/grants/%2e%2e/access-requests',
  ])('%s is not another way to an endpoint', async (path) => {
    expectRefused(await get(path), 404);
  });

  test.each(['TRACE', 'OPTIONS', 'PUT', 'DELETE', 'PATCH'])('%s at an endpoint is 405 with Allow', async (method) => {
    expect(await get('/oauth/token', method)).toMatch(/^HTTP\/1\.1 405 [\s\S]*\r\nallow: POST\r\n/);
    expect(await get('/oauth/jwks', method)).toMatch(/^HTTP\/1\.1 405 [\s\S]*\r\nallow: GET, HEAD\r\n/);
  });

  test('CONNECT is no way through', async () => {
    expect(await send('CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: x\r\n\r\n')).not.toMatch(/^HTTP\/1\.1 2/);
  });

  test('nobody is upgraded to another protocol', async () => {
    const upgrade = 'upgrade: websocket\r\nconnection: close, upgrade\r\n';
    expect(await send(`GET /oauth/jwks HTTP/1.1\r\nhost: x\r\n${upgrade}\r\n`)).not.toMatch(/^HTTP\/1\.1 101/);
  });
});

test(
  'who never finishes is cut off with 408',
  async () => {
    for (const answer of await Promise.all(slow)) expectRefused(answer, 408);
  },
  SLOW_MS,
);

test('after all that nothing was changed, nothing broke, and the next call is served', async () => {
  expect(house.world.store.audit).toEqual([]);
  expect(house.logged.join('')).not.toMatch(/http\.(bug|outage)/);
  expect((await house.app.inject({ url: '/oauth/jwks' })).statusCode).toBe(200);
});
