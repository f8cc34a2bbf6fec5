/** Which "no" of the broker ends with which exit code. */
import { describe, expect, test } from '@jest/globals';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { troubleOfOAuth, troubleOfProblem } from './trouble.ts';

const problems: readonly (readonly [number, string, object, ExitCode])[] = [
  [401, 'subject_token_rejected', {}, EXIT.notAllowed],
  [401, 'identity_rejected', {}, EXIT.notAllowed],
  [403, 'own_request', {}, EXIT.notAllowed],
  [403, 'not_an_approver', {}, EXIT.notAllowed],
  [403, 'policy_forbids', {}, EXIT.notAllowed],
  [404, 'request_unknown', {}, EXIT.notAllowed],
  [409, 'stale_revision', {}, EXIT.notAllowed],
  [409, 'request_closed', { state: 'denied' }, EXIT.denied],
  [409, 'request_closed', { state: 'canceled' }, EXIT.denied],
  [409, 'request_closed', { state: 'expired' }, EXIT.expired],
  [409, 'request_closed', { state: 'approved' }, EXIT.notAllowed],
  [409, 'grant_ended', { how: 'revoked' }, EXIT.denied],
  [409, 'grant_ended', { how: 'over' }, EXIT.expired],
  [422, 'nobody_can_approve', {}, EXIT.nobodyCanApprove],
  [422, 'malformed', {}, EXIT.usage],
  [422, 'duration_too_long', {}, EXIT.usage],
  [422, 'justification_too_short', {}, EXIT.usage],
  [422, 'target_unknown', {}, EXIT.notAllowed],
  [422, 'scope_not_covered', {}, EXIT.notAllowed],
  [429, 'too_many', {}, EXIT.unreachable],
  [503, 'unavailable', {}, EXIT.unreachable],
  [500, 'bug', {}, EXIT.bug],
  [403, 'a_code_of_tomorrow', {}, EXIT.notAllowed],
  [422, 'a_code_of_tomorrow', {}, EXIT.usage],
];

test.each(problems)('%i %s %j ends with %i', (status, code, more, exit) => {
  expect(troubleOfProblem({ status, code, title: 'No', ...more }).exit).toBe(exit);
});

test('a problem says which condition or member it is about', () => {
  const forbidden = {
    status: 403,
    code: 'policy_forbids',
    title: 'No rule allows this',
    check: 'role_exists',
    about: 'admin',
  };
  expect(troubleOfProblem(forbidden).message).toBe('No rule allows this (role_exists: admin)');
  const malformed = { status: 422, code: 'malformed', title: 'Not understood', detail: 'too long', path: 'ticket' };
  expect(troubleOfProblem(malformed).message).toBe('Not understood: too long (ticket)');
});

const errors: readonly (readonly [string, string, ExitCode])[] = [
  ['access_denied', 'approval_required', EXIT.notAllowed],
  ['access_denied', 'denied', EXIT.denied],
  ['access_denied', 'canceled', EXIT.denied],
  ['access_denied', 'revoked', EXIT.denied],
  ['access_denied', 'grant_over', EXIT.expired],
  ['access_denied', 'no_longer_allowed', EXIT.notAllowed],
  ['access_denied', 'no_approver', EXIT.nobodyCanApprove],
  ['access_denied', 'a_word_of_tomorrow', EXIT.notAllowed],
  ['expired_token', 'nobody decided in time', EXIT.expired],
  ['invalid_target', 'no such target for this subject', EXIT.notAllowed],
  ['invalid_scope', 'the scope is unknown here or beyond what was granted', EXIT.notAllowed],
  ['invalid_grant', 'no such handle', EXIT.notAllowed],
  ['invalid_client', 'client authentication failed', EXIT.configuration],
  ['unauthorized_client', 'this client may not do that', EXIT.notAllowed],
  ['invalid_request', 'token_rejected, correlation id trace', EXIT.notAllowed],
  ['invalid_request', 'reason needs at least 10 characters', EXIT.usage],
];

describe('the token endpoint', () => {
  test.each(errors)('%s, %s ends with %i', (error, description, exit) => {
    expect(troubleOfOAuth({ status: 400, error, description }).exit).toBe(exit);
  });

  test('only an outage and a limit are worth another try', () => {
    const outage = troubleOfOAuth({
      status: 503,
      error: 'temporarily_unavailable',
      description: 'x',
      retryAfterSeconds: 7,
    });
    expect(outage).toMatchObject({ exit: EXIT.unreachable, retryAfterSeconds: 7 });
    expect(troubleOfOAuth({ status: 400, error: 'access_denied', description: 'denied' }).retryAfterSeconds).toBe(
      undefined,
    );
  });

  test('a broken broker is a bug, and its correlation id is shown', () => {
    const trouble = troubleOfOAuth({ status: 500, error: 'server_error', description: 'correlation id trace' });
    expect(trouble).toMatchObject({ exit: EXIT.bug });
    expect(trouble.message).toContain('trace');
  });
});
