/** The exit codes of `sallyport token`, each with one clear line on stderr and nothing on stdout. */
import { describe, expect, test } from '@jest/globals';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { ISSUED, issued, notNow, oauth, pending, REQUEST, stillPending } from '../testing/answers.ts';
import type { Canned } from '../testing/canned-broker.ts';
import { ASK, runToken, WAIT } from '../testing/run-token.ts';
import { stage } from '../testing/stage.ts';

const denied = oauth('access_denied', 'denied');
const endings: readonly (readonly [ExitCode, string, readonly string[], readonly Canned[], RegExp])[] = [
  [
    2,
    'a reason too short for the rule',
    WAIT,
    [oauth('invalid_request', 'reason needs 10 characters')],
    /reason needs/,
  ],
  [
    3,
    'the time is over',
    [...ASK, '--wait', '12s'],
    [pending, stillPending],
    /the time is over, and req_.* is still wait/,
  ],
  [3, 'pending, and not waited for', ASK, [stillPending], /req_.* is still waiting for approval\n.*--wait 10m/],
  [4, 'denied', WAIT, [pending, denied], /an approver denied this/],
  [4, 'canceled', WAIT, [pending, oauth('access_denied', 'canceled')], /the request was canceled/],
  [4, 'ended early', WAIT, [pending, oauth('access_denied', 'revoked')], /the access was ended early/],
  [5, 'nobody decided', WAIT, [pending, oauth('expired_token', 'x')], /nobody decided in time/],
  [5, 'the grant is over', ASK, [oauth('access_denied', 'grant_over')], /the access is over/],
  [6, 'nobody could approve', WAIT, [oauth('access_denied', 'no_approver')], /nobody could approve this/],
  [7, 'nobody was asked', ASK, [oauth('access_denied', 'approval_required')], /needs approval/],
  [7, 'no longer allowed', WAIT, [pending, oauth('access_denied', 'no_longer_allowed')], /no rule .* any longer/],
  [7, 'the subject token', ASK, [oauth('invalid_request', 'token_rejected, correlation id c1')], /not accepted .*c1/],
  [7, 'the target', ASK, [oauth('invalid_target', 'x')], /no such audience/],
  [7, 'the scope', ASK, [oauth('invalid_scope', 'x')], /the scope is unknown/],
  [7, 'a handle that is gone', WAIT, [pending, oauth('invalid_grant', 'x')], /no longer good/],
  [69, 'not now', ASK, [notNow], /cannot answer right now/],
  [69, 'not now, until the time is over', [...ASK, '--wait', '12s'], [pending, notNow], /cannot answer right now/],
  [69, 'asked too often', ASK, [{ ...oauth('slow_down', 'x'), status: 429 }], /asked too often/],
  [69, 'no broker', ASK, [{ status: 0, breaks: true }], /no answer from the broker/],
  [78, 'the client', ASK, [oauth('invalid_client', 'x')], /does not know this client/],
  [78, 'the grant type', ASK, [oauth('unsupported_grant_type', 'x')], /does not serve this grant type/],
];

describe('exit code', () => {
  test.each(endings)('%i: %s', async (code, _, args, answers, says) => {
    const { exit, stdout, stderr } = await runToken(args, answers);
    expect([exit, stdout]).toEqual([code, '']);
    expect(stderr).toMatch(says);
    expect(stderr.split('\n').filter((line) => line.startsWith('sallyport: ')).length).toBe(1);
  });

  test('0: the token', async () => {
    expect(await runToken(WAIT, [pending, issued])).toMatchObject({ exit: EXIT.done, stdout: `${ISSUED}\n` });
  });

  test.each([
    ['two credentials', ['--subject-token', 'a', '--subject-token-env', 'B'], /keep one of/],
    ['a way that is none', ['--via', 'carrier-pigeon'], /must be exchange, ciba or device/],
    ['a wait that is none', ['--wait', '10'], /--wait must be a duration/],
    ['a request that is none', ['--request', 'grt_1'], /--request must be the id/],
  ])('2: %s', async (_, more, says) => {
    const { exit, stderr } = await stage([...ASK, ...more]);
    expect(exit).toBe(EXIT.usage);
    expect(stderr).toMatch(says);
  });

  test('3: says which request, and that the same command joins it', async () => {
    const { stderr } = await runToken([...ASK, '--wait', '12s'], [pending, stillPending]);
    expect(stderr).toContain(`the same command joins it (or says --request ${REQUEST})`);
  });

  test('69: a first call that reaches nobody is not waited for: it is more likely a wrong address', async () => {
    const { exit, slept } = await runToken(WAIT, [{ status: 0, breaks: true }]);
    expect([exit, slept]).toEqual([EXIT.unreachable, []]);
  });

  test('70: a bug', async () => {
    const env = Object.defineProperty({}, 'SALLYPORT_TOKEN', {
      enumerable: true,
      get: () => {
        throw new Error('the moon is full');
      },
    });
    const { exit, stderr } = await stage(ASK, { env });
    expect(exit).toBe(EXIT.bug);
    expect(stderr).toContain('this is a bug: the moon is full');
  });

  test('78: no credential anywhere says where it looked', async () => {
    const { exit, stderr } = await stage(ASK);
    expect(exit).toBe(EXIT.configuration);
    expect(stderr).toMatch(/no credential: SALLYPORT_TOKEN is missing.*\/var\/run\/secrets\/tokens\/sallyport/);
  });

  test('machines get the same as JSON on stderr, last', async () => {
    const { stderr } = await runToken([...WAIT, '--json'], [pending, denied]);
    expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).toEqual({
      exit: EXIT.denied,
      code: 'denied',
      message: 'an approver denied this',
    });
  });
});
