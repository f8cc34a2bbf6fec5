/** `sallyport token --wait`: the pace, the outages, the end. */
import { describe, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { HANDLE, ISSUED, issued, notNow, oauth, pending, REQUEST, slowDown, stillPending } from '../testing/answers.ts';
import { TOKEN } from '../testing/canned-broker.ts';
import { ASK, grantTypes, runToken, WAIT } from '../testing/run-token.ts';

const gone = { status: 0, breaks: true };
const empty = { status: 200, body: '' };

describe('the pace', () => {
  test('P5: polls with the handle at the interval it is told, until the token is there', async () => {
    const { exit, stdout, slept, asked } = await runToken(WAIT, [pending, stillPending, issued]);
    expect([exit, stdout, slept]).toEqual([EXIT.done, `${ISSUED}\n`, [5_000, 5_000]]);
    expect(Object.fromEntries(asked[1]?.form ?? [])).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:deferred',
      client_id: 'ci',
      deferral_code: HANDLE,
    });
  });

  test('P6: slow_down: the interval of the body, and without one five seconds more, for good', async () => {
    const { exit, slept } = await runToken(WAIT, [pending, slowDown, stillPending, issued]);
    expect([exit, slept]).toEqual([EXIT.done, [5_000, 10_000, 5_000]]);
    const bare = oauth('slow_down', 'polled_too_soon');
    const still = oauth('authorization_pending', 'waiting_for_approval');
    expect((await runToken(WAIT, [pending, bare, bare, still, issued])).slept).toEqual([5_000, 10_000, 15_000, 15_000]);
  });

  test('P6: slow_down as 429 slows down as well, no sooner than Retry-After', async () => {
    const limited = { ...oauth('slow_down', 'too many'), status: 429, headers: { 'retry-after': '30' } };
    expect((await runToken(WAIT, [pending, limited, issued])).slept).toEqual([5_000, 30_000]);
    const bare = { ...limited, headers: {} };
    expect((await runToken(WAIT, [pending, bare, issued])).slept).toEqual([5_000, 10_000]);
  });

  test('a poll may be held for 20 s; near the end of the time it asks to be held for less', async () => {
    const { asked } = await runToken([...ASK, '--wait', '28s'], [pending, stillPending]);
    expect(asked.map(({ headers }) => headers.prefer)).toEqual([
      undefined,
      undefined,
      'wait=18',
      'wait=13',
      'wait=8',
      'wait=3',
      'wait=0',
    ]);
  });

  test('the last look is at the very end of the time', async () => {
    const { exit, slept } = await runToken([...ASK, '--wait', '12s'], [pending, stillPending]);
    expect([exit, slept]).toEqual([EXIT.pending, [5_000, 5_000, 2_000]]);
  });
});

describe('an outage', () => {
  test('P25: 503 with Retry-After during a poll: goes on, no sooner; also before anything was answered', async () => {
    const { exit, slept, stdout } = await runToken(WAIT, [notNow, pending, notNow, issued]);
    expect([exit, slept, stdout]).toEqual([EXIT.done, [7_000, 5_000, 7_000], `${ISSUED}\n`]);
  });

  test.each([
    ['a proxy', { status: 502, body: '<html></html>', headers: { 'content-type': 'text/html' } }],
    ['a gateway', { status: 504, body: '', headers: { 'content-type': 'text/plain' } }],
  ])('P25: so does %s that says it for the broker', async (_, answer) => {
    expect(await runToken(WAIT, [pending, answer, issued])).toMatchObject({ exit: EXIT.done, slept: [5_000, 5_000] });
  });

  test('a broken connection: goes on, less often each time (RFC 8628 section 3.5), and as usual afterwards', async () => {
    const { exit, slept } = await runToken(WAIT, [pending, gone, gone, gone, gone, gone, stillPending, issued]);
    expect([exit, slept]).toEqual([EXIT.done, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 5_000]]);
  });
});

describe('a handle', () => {
  const short = (seconds: number) => ({ ...pending, body: { ...(pending.body as object), expires_in: seconds } });
  const over = oauth('expired_token', 'the handle is over');

  test('that ends before the request is replaced by another one', async () => {
    const { exit, asked } = await runToken(WAIT, [short(6), stillPending, over, pending, issued]);
    expect(exit).toBe(EXIT.done);
    expect(grantTypes(asked)).toEqual(['token-exchange', 'deferred', 'deferred', 'token-exchange', 'deferred']);
    expect(asked[3]?.form.get('request_id')).toBe(REQUEST);
  });

  test('... unless the job token is too old by then: 5', async () => {
    const old = oauth('invalid_request', 'token_rejected, correlation id trace');
    expect((await runToken(WAIT, [short(4), over, old])).exit).toBe(EXIT.expired);
  });

  test('is left alone when the time is over: the next run joins', async () => {
    const { asked } = await runToken([...ASK, '--wait', '5s'], [pending, stillPending]);
    expect(asked.map(({ path }) => path)).toEqual(['/oauth/token', '/oauth/token']);
  });

  test('is given back then with --cancel-on-exit', async () => {
    const args = [...ASK, '--wait', '5s', '--cancel-on-exit'];
    const { exit, asked, stderr } = await runToken(args, [pending, stillPending, empty]);
    expect([exit, asked[2]?.path]).toEqual([EXIT.pending, '/oauth/revoke']);
    expect(stderr).toContain(`${REQUEST} was taken back`);
  });
});

describe('Ctrl-C', () => {
  test('ends a pause at once with 130, and leaves the request open', async () => {
    const interrupt = new AbortController();
    const onSleep = () => interrupt.abort();
    const { exit, stdout, stderr, asked } = await runToken(WAIT, [pending], { interrupt, onSleep });
    expect([exit, stdout, asked.length]).toEqual([EXIT.interrupted, '', 1]);
    expect(stderr).toContain(`stopped, and ${REQUEST} is still waiting for approval`);
  });

  test('ends a poll that is held', async () => {
    const interrupt = new AbortController();
    const { exit, asked } = await runToken(WAIT, [pending, { status: 0, holds: true }], {
      interrupt,
      onAsked: ({ form }) => void (form.has('deferral_code') && interrupt.abort()),
    });
    expect([exit, asked.length]).toEqual([EXIT.interrupted, 2]);
  });

  test('gives the handle back with --cancel-on-exit, by its name', async () => {
    const interrupt = new AbortController();
    const { exit, asked, stderr } = await runToken([...WAIT, '--cancel-on-exit'], [pending, empty], {
      interrupt,
      onSleep: () => interrupt.abort(),
    });
    expect([exit, asked[1]?.path]).toEqual([EXIT.interrupted, '/oauth/revoke']);
    expect(Object.fromEntries(asked[1]?.form ?? [])).toEqual({
      token: HANDLE,
      token_type_hint: 'urn:ietf:params:oauth:token-type:deferral-code',
      client_id: 'ci',
    });
    expect(stderr).toContain(`stopped, and ${REQUEST} was taken back`);
  });

  test('... and does not claim so when that could not be done', async () => {
    const interrupt = new AbortController();
    const { stderr } = await runToken([...WAIT, '--cancel-on-exit'], [pending, gone], {
      interrupt,
      onSleep: () => interrupt.abort(),
    });
    expect(stderr).toContain('is still waiting for approval');
  });
});

test('X1: no token and no handle ever reaches stderr, whatever happens', async () => {
  const runs = [
    [pending, stillPending, issued],
    [pending, slowDown, notNow, gone, issued],
    [pending, oauth('access_denied', 'denied')],
    [oauth('invalid_request', 'token_rejected, correlation id trace')],
    [pending, { status: 200, body: { access_token: ISSUED } }],
  ];
  for (const answers of runs) {
    for (const more of [[], ['--json'], ['--cancel-on-exit', '--wait', '5s']]) {
      const { stderr, stdout } = await runToken([...WAIT, ...more], answers, { terminal: true });
      for (const canary of [TOKEN, HANDLE, ISSUED]) expect(stderr).not.toContain(canary);
      for (const canary of [TOKEN, HANDLE]) expect(stdout).not.toContain(canary);
    }
  }
});
