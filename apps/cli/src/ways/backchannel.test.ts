/** CIBA in poll mode, against a server that is not ours: node-oidc-provider. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import Provider, { errors } from 'oidc-provider';
import { EXIT } from '../exit-codes.ts';
import { TOKEN } from '../testing/canned-broker.ts';
import { stage } from '../testing/stage.ts';

const ASK = ['token', '--via', 'ciba', '--audience', 'https://orders-db.acme.test', '--scope', 'openid orders:write'];

/** What a person on their phone does with the nth look of the client. */
type Phone = (provider: Provider, authReqId: string) => Promise<void>;

// It warns that its keys and its store are for development, which is what this is.
beforeEach(() => void jest.spyOn(console, 'warn').mockReturnValue());
afterEach(() => void jest.restoreAllMocks());

let close = async (): Promise<void> => undefined;
afterEach(() => close());

/** Starts the provider; its only user is whoever shows TOKEN. @returns its issuer and what it was asked */
async function startProvider(phone: Phone) {
  const asked: { readonly path: string; readonly form: URLSearchParams }[] = [];
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: Provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'ci',
        token_endpoint_auth_method: 'none',
        grant_types: ['urn:openid:params:grant-type:ciba'],
        backchannel_token_delivery_mode: 'poll',
        response_types: [],
        redirect_uris: [],
      },
    ],
    scopes: ['openid', 'orders:write'],
    ttl: { BackchannelAuthenticationRequest: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    findAccount: async (_, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
    features: {
      devInteractions: { enabled: false },
      ciba: {
        enabled: true,
        deliveryModes: ['poll'],
        processLoginHintToken: async (_, hint) => (hint === TOKEN ? 'payments-deploy' : undefined),
        validateRequestContext: async () => undefined,
        validateBindingMessage: async () => undefined,
        verifyUserCode: async () => undefined,
        triggerAuthenticationDevice: async (_, request) => phone(provider, request.jti),
      },
    },
  });
  const answer = provider.callback();
  server.on('request', (req, res) => {
    req.on('data', (chunk) => asked.push({ path: req.url ?? '', form: new URLSearchParams(String(chunk)) }));
    void answer(req, res);
  });
  close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { issuer, asked };
}

const approves: Phone = async (provider, authReqId) => {
  const grant = new provider.Grant({ accountId: 'payments-deploy', clientId: 'ci' });
  grant.addOIDCScope('openid orders:write');
  await grant.save();
  await provider.backchannelResult(authReqId, grant, { acr: 'x' });
};
const denies: Phone = async (provider, authReqId) => {
  await provider.backchannelResult(authReqId, new errors.AccessDenied('denied', 'denied'));
};

/** Runs the command; the person acts when it pauses for the nth time. */
async function run(pauses: number, act: Phone, more: readonly string[] = ['--wait', '1m'], token = TOKEN) {
  let onSleep = (_: number): void => undefined;
  const { issuer, asked } = await startProvider(async (provider, authReqId) => {
    onSleep = (count) => void (count === pauses && act(provider, authReqId));
  });
  const env = { SALLYPORT_ISSUER: issuer, SALLYPORT_TOKEN: token };
  return { ...(await stage([...ASK, ...more], { env, onSleep: (count) => onSleep(count) })), asked };
}

describe('B21: our command line polls the CIBA of node-oidc-provider', () => {
  test('until somebody approves, and prints their token alone', async () => {
    const { exit, stdout, stderr, asked, slept } = await run(2, approves);
    expect([exit, stdout]).toEqual([EXIT.done, expect.stringMatching(/^[\w-]{43}\n$/)]);
    expect(stderr).toContain('openid orders:write');
    expect(slept.length).toBeGreaterThanOrEqual(2);
    const polls = asked.filter(({ path }) => path === '/token').map(({ form }) => form);
    expect(polls.length).toBe(slept.length);
    for (const poll of polls) expect([...poll.keys()].sort()).toEqual(['auth_req_id', 'client_id', 'grant_type']);
  });

  test('until somebody denies', async () => {
    expect(await run(1, denies)).toMatchObject({ exit: EXIT.denied, stdout: '' });
  });

  test('until the time is over', async () => {
    const { exit, stderr } = await run(100, approves, ['--wait', '12s']);
    expect(exit).toBe(EXIT.pending);
    expect(stderr).toContain('the time is over');
    expect(stderr).not.toContain('joins');
  });

  test('not at all for somebody it does not know', async () => {
    const { exit, slept, stderr } = await run(1, approves, ['--wait', '1m'], 'e.y.J');
    expect([exit, slept]).toEqual([EXIT.notAllowed, []]);
    expect(stderr).toContain('does not know whom this is for');
  });
});
