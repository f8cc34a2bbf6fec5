/** `sallyport token` against answers as the broker gives them. */
import { describe, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { HANDLE, ISSUED, issued, notNow, oauth, pending, REQUEST, slowDown, stillPending } from '../testing/answers.ts';
import { type Canned, TOKEN, withBroker } from '../testing/canned-broker.ts';
import { stage } from '../testing/stage.ts';

const ASK = ['token', '--audience', 'https://orders-db.acme.test', '--scope', 'orders:write'];
const WAIT = [...ASK, '--wait', '10m'];

/** Runs a command against these answers. */
function run(args: readonly string[], answers: readonly Canned[], env: Readonly<Record<string, string>> = {}) {
  return withBroker(answers, async (broker) => ({
    ...(await stage(args, { env: { ...broker.env, ...env } })),
    asked: broker.asked,
  }));
}

describe('at once', () => {
  test('the token is alone on stdout', async () => {
    const { exit, stdout, stderr } = await run(ASK, [issued]);
    expect([exit, stdout]).toEqual([EXIT.done, `${ISSUED}\n`]);
    expect(stderr).toContain('orders:write, 600 s');
    expect(stderr).not.toContain(ISSUED);
  });

  test('--json gives machines the whole answer', async () => {
    const { stdout } = await run([...ASK, '--json'], [issued]);
    expect(JSON.parse(stdout)).toMatchObject({ access_token: ISSUED, expires_in: 600, request_id: REQUEST });
  });

  test('asks as RFC 8693 spells it, with the token of the caller as the subject token', async () => {
    const { asked } = await run(ASK, [issued], { SALLYPORT_CLIENT_ID: 'ci-runner' });
    expect(asked.map(({ method, path }) => [method, path])).toEqual([['POST', '/oauth/token']]);
    expect(Object.fromEntries(asked[0]?.form ?? [])).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      client_id: 'ci-runner',
      subject_token: TOKEN,
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      audience: 'https://orders-db.acme.test',
      scope: 'orders:write',
    });
  });

  test('says everything that was typed', async () => {
    const more = ['--reason', 'Deploy', '--duration', '30m', '--request-id', REQUEST, '--wait', '1m'];
    const { asked } = await run([...ASK, ...more], [issued]);
    expect(Object.fromEntries(asked[0]?.form ?? [])).toMatchObject({
      reason: 'Deploy',
      requested_duration: '30m',
      request_id: REQUEST,
      completion_mode: 'deferred',
    });
  });

  test('nobody is asked without --wait, and it says how to', async () => {
    const { exit, stdout, stderr, asked } = await run(ASK, [oauth('access_denied', 'approval_required')]);
    expect([exit, stdout, asked.length]).toEqual([EXIT.notAllowed, '', 1]);
    expect(stderr).toContain('--wait 10m');
  });

  test('a request that is pending already ends with 3', async () => {
    const { exit, stderr } = await run(ASK, [stillPending]);
    expect(exit).toBe(EXIT.pending);
    expect(stderr).toContain(`${REQUEST} is waiting for approval`);
  });

  test('an outage is not waited for', async () => {
    const { exit, slept } = await run(ASK, [notNow]);
    expect([exit, slept]).toEqual([EXIT.unreachable, []]);
  });

  test.each([
    ['a web page', { status: 200, body: '<html></html>', headers: { 'content-type': 'text/html' } }],
    ['another JSON', { status: 200, body: { hello: 'world' } }],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere.acme.test/' } }],
    [
      'an answer without end',
      { status: 200, body: 'x'.repeat(2_000_000), headers: { 'content-type': 'application/json' } },
    ],
  ])('%s is not taken for a broker', async (_, answer) => {
    const { exit, stdout } = await run(ASK, [answer]);
    expect([exit, stdout]).toEqual([EXIT.unreachable, '']);
  });

  test('a token that could repaint the terminal is no token', async () => {
    const body = { ...(issued.body as object), access_token: 'eyJ\u001b[2K' };
    expect(await run(ASK, [{ status: 200, body }])).toMatchObject({ exit: EXIT.unreachable, stdout: '' });
  });
});

describe('waiting', () => {
  test('polls with the handle at the pace it is told, until the token is there', async () => {
    const { exit, stdout, slept, asked } = await run(WAIT, [pending, stillPending, issued]);
    expect([exit, stdout, slept]).toEqual([EXIT.done, `${ISSUED}\n`, [5_000, 5_000]]);
    expect(Object.fromEntries(asked[1]?.form ?? [])).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:deferred',
      client_id: 'ci',
      deferral_code: HANDLE,
    });
  });

  test('slow_down slows it down', async () => {
    const { exit, slept } = await run(WAIT, [pending, slowDown, stillPending, issued]);
    expect([exit, slept]).toEqual([EXIT.done, [5_000, 10_000, 5_000]]);
    const bare = oauth('slow_down', 'polled_too_soon');
    expect((await run(WAIT, [pending, bare, bare, issued])).slept).toEqual([5_000, 10_000, 15_000]);
  });

  test('goes on through 503, no sooner than Retry-After, also before anything was answered', async () => {
    const { exit, slept, stdout } = await run(WAIT, [notNow, pending, notNow, issued]);
    expect([exit, slept, stdout]).toEqual([EXIT.done, [7_000, 5_000, 7_000], `${ISSUED}\n`]);
  });

  test('goes on when a connection breaks in between', async () => {
    const { exit, slept } = await run(WAIT, [pending, { status: 0, breaks: true }, issued]);
    expect([exit, slept]).toEqual([EXIT.done, [5_000, 5_000]]);
  });

  test.each([
    ['denied', oauth('access_denied', 'denied'), EXIT.denied],
    ['canceled', oauth('access_denied', 'canceled'), EXIT.denied],
    ['expired', oauth('expired_token', 'nobody decided in time'), EXIT.expired],
    ['no longer allowed', oauth('access_denied', 'no_longer_allowed'), EXIT.notAllowed],
    ['a handle that is gone', oauth('invalid_grant', 'no such handle'), EXIT.notAllowed],
  ])('%s ends it', async (_, answer, expected) => {
    const { exit, stdout, slept } = await run(WAIT, [pending, answer]);
    expect([exit, stdout, slept]).toEqual([expected, '', [5_000]]);
  });

  test('nobody could approve: 6, and nothing is waited for', async () => {
    const { exit, slept } = await run(WAIT, [oauth('access_denied', 'no_approver')]);
    expect([exit, slept]).toEqual([EXIT.nobodyCanApprove, []]);
  });

  test('the time is over: 3, after one last look at its very end', async () => {
    const { exit, stderr, slept, stdout } = await run([...ASK, '--wait', '12s'], [pending, stillPending]);
    expect([exit, stdout, slept]).toEqual([EXIT.pending, '', [5_000, 5_000, 2_000]]);
    expect(stderr).toContain(`--request-id ${REQUEST}`);
  });

  test('the time is over during an outage: 69, for nobody knows', async () => {
    const { exit, stderr } = await run([...ASK, '--wait', '12s'], [pending, notNow]);
    expect(exit).toBe(EXIT.unreachable);
    expect(stderr).toContain('cannot answer right now');
  });

  test('a handle that ends before the request is replaced by another one', async () => {
    const short = { ...pending, body: { ...(pending.body as object), expires_in: 6 } };
    const over = oauth('expired_token', 'the handle is over');
    const { exit, asked } = await run(WAIT, [short, stillPending, over, pending, issued]);
    expect(exit).toBe(EXIT.done);
    expect(asked.map(({ form }) => form.get('grant_type')?.split(':').at(-1))).toEqual([
      'token-exchange',
      'deferred',
      'deferred',
      'token-exchange',
      'deferred',
    ]);
    expect(asked[3]?.form.get('request_id')).toBe(REQUEST);
  });

  test('... unless the job token is too old by then: 5', async () => {
    const short = { ...pending, body: { ...(pending.body as object), expires_in: 4 } };
    const over = oauth('expired_token', 'the handle is over');
    const old = oauth('invalid_request', 'token_rejected, correlation id trace');
    expect((await run(WAIT, [short, over, old])).exit).toBe(EXIT.expired);
  });

  test('progress goes to stderr: one line on a pipe, rewritten in place on a terminal', async () => {
    const onPipe = await run(WAIT, [pending, stillPending, stillPending, issued]);
    expect(onPipe.stderr.split('\n').filter((line) => line.includes('waiting for approval')).length).toBe(1);
    await withBroker([pending, stillPending, issued], async ({ env }) => {
      const { stderr, stdout } = await stage(WAIT, { env, terminal: true });
      expect(stderr).toContain('\r\u001b[2Kwaiting for approval of');
      expect(stderr).toContain('9m55s left');
      expect(stdout).toBe(`${ISSUED}\n`);
    });
  });
});
