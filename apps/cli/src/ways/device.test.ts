/** Signing in with a browser, against a server that follows RFC 8628 to the letter. */
import { describe, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { ISSUED, issued, oauth } from '../testing/answers.ts';
import { type Canned, withBroker } from '../testing/canned-broker.ts';
import { ASK } from '../testing/run-token.ts';
import { type Stage, stage } from '../testing/stage.ts';

const DEVICE_CODE = 'GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS';
const metadata: Canned = {
  status: 200,
  body: (origin) => ({
    issuer: origin,
    token_endpoint: `${origin}/oauth/token`,
    device_authorization_endpoint: `${origin}/oauth/device_authorization`,
  }),
};
const begun = (more: object = {}): Canned => ({
  status: 200,
  body: (origin) => ({
    device_code: DEVICE_CODE,
    user_code: 'WDJB-MJHT',
    verification_uri: `${origin}/device`,
    verification_uri_complete: `${origin}/device?user_code=WDJB-MJHT`,
    expires_in: 1_800,
    ...more,
  }),
});
/** RFC 8628 section 3.5 knows no `request_id` and no `interval` in these. */
const pending = { status: 400, body: { error: 'authorization_pending' } };
const slowDown = { status: 400, body: { error: 'slow_down' } };
/** RFC 6749 section 5.1: no `issued_token_type`, which belongs to the exchange. */
const granted = {
  status: 200,
  body: { access_token: ISSUED, token_type: 'Bearer', expires_in: 600, scope: 'orders:write' },
};

/** Signs in: no credential in the environment. */
function signIn(more: readonly string[], answers: readonly Canned[], { env = {}, ...rest }: Stage = {}) {
  return withBroker(answers, async ({ origin, asked }) => ({
    ...(await stage([...ASK, ...more], { env: { SALLYPORT_ISSUER: origin, ...env }, ...rest })),
    origin,
    asked,
  }));
}
const DEVICE = ['--via', 'device'];

describe('the client of the device flow (RFC 8628)', () => {
  test('shows where to go and what to type, polls, and prints the token alone on stdout', async () => {
    const { exit, stdout, stderr, asked, origin, slept } = await signIn(DEVICE, [metadata, begun(), pending, granted]);
    expect([exit, stdout, slept]).toEqual([EXIT.done, `${ISSUED}\n`, [5_000, 5_000]]);
    expect(stderr).toContain(`To sign in, open ${origin}/device and enter the code WDJB-MJHT`);
    expect(stderr).toContain(`${origin}/device?user_code=WDJB-MJHT`);
    expect(stderr).toContain('Waiting for you to sign in\n');
    expect(asked.map(({ path }) => path)).toEqual([
      '/.well-known/openid-configuration',
      '/oauth/device_authorization',
      '/oauth/token',
      '/oauth/token',
    ]);
    expect(Object.fromEntries(asked[1]?.form ?? [])).toEqual({
      client_id: 'ci',
      audience: 'https://orders-db.acme.test',
      scope: 'orders:write',
    });
    expect(Object.fromEntries(asked[2]?.form ?? [])).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: DEVICE_CODE,
      client_id: 'ci',
    });
  });

  test('waits as long as the server says, five seconds more after each slow_down', async () => {
    const answers = [metadata, begun({ interval: 7 }), pending, slowDown, pending, granted];
    expect((await signIn(DEVICE, answers)).slept).toEqual([7_000, 7_000, 12_000, 12_000]);
  });

  test.each([
    ['the person says no', oauth('access_denied', 'denied'), EXIT.denied],
    ['the code is too old', { status: 400, body: { error: 'expired_token' } }, EXIT.expired],
    ['the client may not', oauth('unauthorized_client', 'x'), EXIT.notAllowed],
  ])('%s', async (_, answer, expected) => {
    const { exit, stdout } = await signIn(DEVICE, [metadata, begun(), pending, answer]);
    expect([exit, stdout]).toEqual([expected, '']);
  });

  test('X1: the device code is nowhere to be seen; the user code is meant to be', async () => {
    const { stdout, stderr } = await signIn([...DEVICE, '--json'], [metadata, begun(), pending, granted]);
    expect(stdout + stderr).not.toContain(DEVICE_CODE);
    expect(stderr).not.toContain(ISSUED);
  });

  test('a page that is no web address, or could repaint the terminal, is not shown', async () => {
    for (const page of ['javascript:alert(1)', 'file:///etc/passwd', 'not an address']) {
      const { exit, stderr } = await signIn(DEVICE, [metadata, begun({ verification_uri: page })]);
      expect(exit).toBe(EXIT.unreachable);
      expect(stderr).not.toContain(page);
    }
  });

  test('needs no issued_token_type, and takes none but an access token', async () => {
    const other = { ...granted, body: { ...granted.body, issued_token_type: 'urn:ietf:params:oauth:token-type:jwt' } };
    expect((await signIn(DEVICE, [metadata, begun(), other])).exit).toBe(EXIT.unreachable);
  });
});

describe('without any credential', () => {
  test('somebody at a terminal signs in, as the client that was configured', async () => {
    const { exit, asked } = await signIn([], [metadata, begun(), granted], {
      terminal: true,
      env: { SALLYPORT_CLIENT_ID: 'cli' },
    });
    expect([exit, asked[1]?.form.get('client_id')]).toEqual([EXIT.done, 'cli']);
  });

  test.each([
    ['no terminal', {}],
    ['a CI job with a terminal', { terminal: true, env: { CI: 'true' } }],
  ])('%s: nobody is there to sign in, 78 at once', async (_, where) => {
    const { exit, asked } = await signIn([], [metadata], where);
    expect([exit, asked]).toEqual([EXIT.configuration, []]);
  });

  test('a broker that does not serve it: 78, and where a credential could be', async () => {
    const without: Canned = {
      status: 200,
      body: (origin) => ({ issuer: origin, token_endpoint: `${origin}/oauth/token` }),
    };
    const { exit, stderr } = await signIn([], [without], { terminal: true });
    expect(exit).toBe(EXIT.configuration);
    expect(stderr).toContain('no credential');
    expect((await signIn(DEVICE, [without])).stderr).toContain('does not serve signing in');
  });

  test('with a credential nobody has to sign in', async () => {
    const { asked } = await signIn([], [issued], { terminal: true, env: { SALLYPORT_TOKEN: 'a.b.c' } });
    expect(asked.map(({ path }) => path)).toEqual(['/oauth/token']);
  });
});

describe('what a broker says about itself', () => {
  test.each([
    ['another issuer', (origin: string) => ({ issuer: `${origin}/`, token_endpoint: `${origin}/oauth/token` })],
    [
      'an endpoint elsewhere',
      (origin: string) => ({
        issuer: origin,
        token_endpoint: `${origin}/oauth/token`,
        device_authorization_endpoint: 'https://elsewhere.acme.test/device',
      }),
    ],
  ])('is not believed when it names %s', async (_, body) => {
    const { exit, stderr, asked } = await signIn(DEVICE, [{ status: 200, body }]);
    expect([exit, asked.length]).toEqual([EXIT.configuration, 1]);
    expect(stderr).toContain('another issuer, or sends elsewhere');
  });
});
