/** `sallyport request`, `approve`, `deny`, `revoke`, `list` against answers as the broker gives them. */
import { describe, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import {
  approvedBody,
  GRANT,
  grantBody,
  notNow,
  problem,
  REQUEST,
  requestBody,
  seen,
  unchanged,
} from '../testing/answers.ts';
import { type Canned, TOKEN, withBroker } from '../testing/canned-broker.ts';
import { stage } from '../testing/stage.ts';

const ASK = [
  ...['request', '--resource', 'orders-db', '--role', 'admin', '--duration', '30m'],
  ...['--justification', 'Backfill of the orders that failed', '--workload', 'payments-deploy'],
];
const WAIT = [...ASK, '--wait', '1m'];
const made: Canned = { status: 201, body: requestBody(), headers: { location: `/v1/access-requests/${REQUEST}` } };
const outage = problem(503, 'unavailable', {}, { 'retry-after': '1' });

function run(args: readonly string[], answers: readonly Canned[]) {
  return withBroker(answers, async (broker) => ({ ...(await stage(args, { env: broker.env })), asked: broker.asked }));
}

describe('request', () => {
  test('asks with the bearer token and exactly what was typed', async () => {
    const { exit, stdout, asked } = await run(
      [...ASK, '--ticket', 'OPS-1', '--not-before', '2030-01-31T09:00:00Z'],
      [made],
    );
    expect(exit).toBe(EXIT.done);
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/v1/access-requests' });
    expect(asked[0]?.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' });
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      resource: 'orders-db',
      role: 'admin',
      duration: '30m',
      justification: 'Backfill of the orders that failed',
      ticket: 'OPS-1',
      subject: { workload: 'payments-deploy' },
      not_before: '2030-01-31T09:00:00Z',
    });
    expect(stdout).toContain(`${REQUEST}  pending, 0 of 2 approvals`);
    expect(stdout).toContain(`--request ${REQUEST}`);
  });

  test('a repeated try is the same request: one key, and three tries at most', async () => {
    const { exit, asked, slept } = await run(ASK, [outage, outage, made]);
    expect([exit, slept]).toEqual([EXIT.done, [1_000, 1_000]]);
    expect(new Set(asked.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    const never = await run(ASK, [outage]);
    expect([never.exit, never.asked.length]).toEqual([EXIT.unreachable, 3]);
  });

  test.each([
    [problem(403, 'policy_forbids'), EXIT.notAllowed],
    [problem(422, 'nobody_can_approve'), EXIT.nobodyCanApprove],
    [problem(422, 'duration_too_long', { detail: 'At most 1h here' }), EXIT.usage],
    [problem(401, 'subject_token_rejected'), EXIT.notAllowed],
    [problem(429, 'too_many', {}, { 'retry-after': '60' }), EXIT.unreachable],
    [problem(500, 'bug'), EXIT.bug],
  ])('%j ends it', async (answer, expected) => {
    const { exit, stdout, slept } = await run(WAIT, [answer]);
    expect([exit, stdout, slept]).toEqual([expected, '', []]);
  });

  test('--wait long polls against the ETag until it is decided', async () => {
    const { exit, stdout, asked } = await run(WAIT, [made, seen('pending'), unchanged, seen('approved')]);
    expect(exit).toBe(EXIT.done);
    expect(asked.map(({ path }) => path.split('?')[1])).toEqual([undefined, 'wait=0', 'wait=20', 'wait=20']);
    expect(asked.map(({ headers }) => headers['if-none-match'])).toEqual([
      undefined,
      undefined,
      '"1.pending.none"',
      '"1.pending.none"',
    ]);
    expect(stdout).toContain(`approved: ${GRANT} active`);
  });

  test.each([
    ['denied', EXIT.denied],
    ['canceled', EXIT.denied],
    ['expired', EXIT.expired],
  ])('--wait ends with its own code when it is %s', async (state, expected) => {
    const { exit, stdout } = await run(WAIT, [made, seen('pending'), seen(state)]);
    expect(exit).toBe(expected);
    expect(stdout).toContain(`${REQUEST}  ${state}`);
  });

  test('--wait ends with 3 when the time is over, never waiting longer than it has', async () => {
    const { exit, slept, asked } = await run(WAIT, [made, seen('pending'), unchanged]);
    expect(exit).toBe(EXIT.pending);
    // These answers come at once, so every second is slept; a real broker holds them.
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBe(60_000);
    expect(Number(asked.at(-2)?.path.split('wait=')[1])).toBeLessThanOrEqual(2);
  });

  test('--wait goes on through outages', async () => {
    const { exit } = await run(WAIT, [made, seen('pending'), outage, { status: 0, breaks: true }, seen('approved')]);
    expect(exit).toBe(EXIT.done);
  });

  test('a token that grew too old while waiting ends it, and the request is named', async () => {
    const { exit, stderr } = await run(WAIT, [made, seen('pending'), problem(401, 'subject_token_rejected')]);
    expect(exit).toBe(EXIT.notAllowed);
    expect(stderr).toContain(`The request stays open: ${REQUEST}`);
  });

  test('an auto-approved one is there at once', async () => {
    const { exit, asked } = await run(WAIT, [{ status: 201, body: approvedBody }]);
    expect([exit, asked.length]).toEqual([EXIT.done, 1]);
  });
});

describe('approve and deny', () => {
  test('approve shows the request and decides on the revision it showed', async () => {
    const now = seen('pending', { revision: 3, justification: 'Hello\u001b[2K\nscopes nothing' });
    const { exit, stderr, stdout, asked } = await run(['approve', REQUEST], [now, { status: 200, body: approvedBody }]);
    expect(exit).toBe(EXIT.done);
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET /v1/access-requests/${REQUEST}`,
      `POST /v1/access-requests/${REQUEST}/decisions`,
    ]);
    expect(JSON.parse(asked[1]?.body ?? '')).toEqual({ verdict: 'approve', revision: 3 });
    expect(stderr).toContain('because  Hello\ufffd[2K scopes nothing\n');
    expect(stdout).toContain('approved by you');
  });

  test('approve narrows, and insists on the revision that was named', async () => {
    const { asked } = await run(
      ['approve', REQUEST, '--revision', '2', '--duration', '15m', '--scopes', 'orders:read', '--reason', 'Enough'],
      [seen('pending'), { status: 200, body: approvedBody }],
    );
    expect(JSON.parse(asked[1]?.body ?? '')).toEqual({
      verdict: 'approve',
      revision: 2,
      reason: 'Enough',
      narrow: { duration: '15m', scopes: ['orders:read'] },
    });
  });

  test('deny says why', async () => {
    const denied = { status: 200, body: requestBody({ state: 'denied' }) };
    const { exit, asked, stdout } = await run(['deny', REQUEST, '--reason', 'Use staging'], [seen('pending'), denied]);
    expect(exit).toBe(EXIT.done);
    expect(JSON.parse(asked[1]?.body ?? '')).toEqual({ verdict: 'deny', revision: 1, reason: 'Use staging' });
    expect(stdout).toContain('denied by you; now denied');
  });

  test.each([
    [problem(403, 'own_request'), EXIT.notAllowed],
    [problem(403, 'not_an_approver'), EXIT.notAllowed],
    [problem(409, 'stale_revision', { revision: 2 }), EXIT.notAllowed],
    [problem(409, 'request_closed', { state: 'expired', detail: 'It became expired.' }), EXIT.expired],
  ])('%j is said with its exit code', async (answer, expected) => {
    expect((await run(['approve', REQUEST], [seen('pending'), answer])).exit).toBe(expected);
  });

  test('a request that is not yours to see: 7, and nothing is decided', async () => {
    const { exit, asked } = await run(['approve', REQUEST], [problem(404, 'request_unknown')]);
    expect([exit, asked.length]).toEqual([EXIT.notAllowed, 1]);
  });
});

describe('revoke', () => {
  const revoked: Canned = { status: 200, body: grantBody };

  test('ends a grant', async () => {
    const { exit, asked, stdout } = await run(['revoke', GRANT], [revoked]);
    expect([exit, asked[0]?.path]).toEqual([EXIT.done, `/v1/grants/${GRANT}/revoke`]);
    expect(asked[0]?.body).toBe('');
    expect(stdout).toContain(`${GRANT}  revoked`);
  });

  test('ends the grant of a request', async () => {
    const { exit, asked } = await run(['revoke', REQUEST], [seen('approved'), revoked]);
    expect([exit, asked[1]?.path]).toEqual([EXIT.done, `/v1/grants/${GRANT}/revoke`]);
  });

  test('takes back a request nobody has decided', async () => {
    const canceled = { status: 200, body: requestBody({ state: 'canceled' }) };
    const { exit, asked } = await run(['revoke', REQUEST], [seen('pending'), canceled]);
    expect([exit, asked[1]?.path]).toEqual([EXIT.done, `/v1/access-requests/${REQUEST}/cancel`]);
  });
});

describe('list', () => {
  test('shows the newest, for people and for machines', async () => {
    const list: Canned = { status: 200, body: { items: [approvedBody, requestBody()], next_cursor: null } };
    const { stdout, asked } = await run(['list', '--limit', '2'], [list]);
    expect(asked[0]?.path).toBe('/v1/access-requests?limit=2');
    expect(stdout.split('\n').filter((line) => line.startsWith('req_')).length).toBe(2);
    const forMachines = await run(['list', '--json'], [list]);
    expect(JSON.parse(forMachines.stdout).items.length).toBe(2);
  });

  test('an outage is tried again twice', async () => {
    const { exit, asked } = await run(['list'], [notNow]);
    expect([exit, asked.length]).toEqual([EXIT.unreachable, 3]);
  });
});
