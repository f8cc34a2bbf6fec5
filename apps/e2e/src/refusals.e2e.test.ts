/** What must not work, tried on the real programs: refused, told to the one who tried, written into the trail. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type House, startHouse } from './house/house.ts';
import { type People, peopleOf } from './house/people.ts';
import { until } from './house/until.ts';

const MINUTE_MS = 60_000;
const ROUNDS = 50;
jest.setTimeout(MINUTE_MS);

describe('refused and audited', () => {
  let house: House;
  let people: People;
  beforeAll(async () => {
    house = await startHouse();
    people = peopleOf(house);
  }, MINUTE_MS);
  afterAll(() => house?.stop(), MINUTE_MS);

  const refusedFor = async (requestId: string) =>
    (await people.trail(requestId)).filter((row) => row.type === 'attempt.refused').map((row) => row.reason_code);

  const pending = async (requestId: string) =>
    expect((await people.rest('alice', 'GET', `/v1/access-requests/${requestId}`)).body.state).toBe('pending');

  test('I-3: Alice approving herself, in Slack and by REST', async () => {
    const id = await people.aliceAsks();
    await people.alice.clicks('approve', { request: id });
    await until('she is told no', 5_000, async () =>
      (await people.alice.ephemerals()).some((one) => one.reads.includes("can't decide your own")),
    );
    const byRest = await people.rest('alice', 'POST', `/v1/access-requests/${id}/decisions`, {
      verdict: 'approve',
      revision: 1,
    });
    expect(byRest).toMatchObject({ status: 403, body: { code: 'own_request' } });
    expect(await refusedFor(id)).toEqual(['own_request', 'own_request']);
    await pending(id);
  });

  let strangersSee: Promise<string> | undefined;
  test.each([
    ['a guest', 'U01GINA'],
    ['a single-channel guest', 'U01SOLO'],
    ['a deactivated approver', 'U01GREG'],
    ["a stranger of another company with an approver's name and address", 'U02EVE'],
    ['a bot', 'U01BOT'],
    ['somebody who is no approver', 'U01DAVE'],
  ])('GX-1: %s clicking Approve', async (_who, user) => {
    strangersSee ??= people.aliceAsks();
    const id = await strangersSee;
    await people.as(user).clicks('approve', { request: id, force: true });
    const [attempt] = await until('the attempt is in the trail', 5_000, async () => {
      const rows = await house.database.sql<{ reason_code: string }>(
        "select reason_code from audit where type = 'attempt.refused' and convert_from(leaf, 'utf8') like '%' || $1 || '%' order by id desc limit 1",
        [user === 'U01DAVE' ? 'dave@acme.test' : user],
      );
      return rows.length > 0 && rows;
    });
    expect(attempt?.reason_code).toBe(user === 'U01DAVE' ? 'not_an_approver' : 'identity_rejected');
    await pending(id);
  });

  test('I-3: one person does not fill two lines', async () => {
    await house.policy.replace('30-people.yaml', 'groups: [managers]', 'groups: [managers, dba]');
    await until(
      'the policy is in force',
      10_000,
      async () => (await house.database.sql('select 1 from policy_versions')).length >= 2,
    );
    const id = await people.aliceAsks();
    await people.bob.clicks('approve', { request: id });
    await people.cardReads(id, '1 of 2');
    const again = await people.rest('bob', 'POST', `/v1/access-requests/${id}/decisions`, {
      verdict: 'approve',
      revision: 1,
    });
    expect(again).toMatchObject({ status: 200, body: { state: 'pending', approvals: { required: 2, given: 1 } } });
  });

  test('I-4: a decision on a stale revision', async () => {
    const id = await people.aliceAsks();
    const narrowed = await people.rest('bob', 'POST', `/v1/access-requests/${id}/decisions`, {
      verdict: 'approve',
      revision: 1,
      narrow: { duration: '15m' },
    });
    expect(narrowed.body).toMatchObject({ revision: 2, duration_seconds: 900, approvals: { given: 1 } });
    const stale = await people.rest('dan', 'POST', `/v1/access-requests/${id}/decisions`, {
      verdict: 'approve',
      revision: 1,
    });
    expect(stale).toMatchObject({ status: 409, body: { code: 'stale_revision', revision: 2 } });
    expect(await refusedFor(id)).toEqual(['stale_revision']);
  });

  test('I-11: a replayed click does nothing again', async () => {
    const id = await people.aliceAsks();
    await people.bob.clicks('approve', { request: id });
    await people.cardReads(id, '1 of 2');
    const before = await people.trail(id);
    await people.slack.deliver({ kind: 'replay' });
    await until('the replay is in the trail', 5_000, async () => (await refusedFor(id)).length > 0);
    expect(await refusedFor(id)).toEqual(['replayed']);
    expect((await people.trail(id)).filter((row) => row.type === 'decision.made')).toHaveLength(
      before.filter((row) => row.type === 'decision.made').length,
    );
  });

  test(
    'CJ-3: a subject token used again with a parameter changed',
    async () => {
      const id = await people.approved();
      const token = await people.jobToken();
      expect((await people.exchangeWith(token, { request_id: id })).status).toBe(200);
      expect((await people.exchangeWith(token, { request_id: id })).status).toBe(200);
      const changed = await people.exchangeWith(token, { request_id: id, scope: 'orders:read' });
      expect(changed).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      expect(await refusedFor(id)).toEqual(['replayed']);
      const issued = (await people.trail(id)).filter((row) => row.type === 'token.issued');
      expect(issued).toHaveLength(1);
    },
    MINUTE_MS,
  );

  test(
    'I-18: a workload taken out of the policy gets nothing more within 5 s, and what was issued reads inactive',
    async () => {
      const id = await people.approved();
      const issued = await people.exchange({ request_id: id });
      expect(issued.status).toBe(200);
      await house.policy.replace(
        '40-workloads.yaml',
        '- id: payments-deploy',
        '- id: payments-deploy\n    enabled: false',
      );
      await until(
        'introspection says inactive',
        5_000,
        async () => (await people.introspect(String(issued.body.access_token))).body.active === false,
      );
      expect((await people.exchange({ request_id: id })).status).toBe(400);
      await house.policy.replace('40-workloads.yaml', 'enabled: false', 'enabled: true');
    },
    MINUTE_MS,
  );

  test('a broken policy file is refused and counted, and the old version stays', async () => {
    await house.policy.replace('60-rules.yaml', 'effect: auto_approve', 'effect: sometimes');
    await until('the refusal is counted', 10_000, async () =>
      /policy_reload_failures_total [1-9]/.test(await (await fetch(`${house.worker.url}/metrics`)).text()),
    );
    expect(house.worker.log()).toContain('60-rules.yaml');
    expect((await people.rest('alice', 'GET', '/v1/access-requests')).status).toBe(200);
    await house.policy.replace('60-rules.yaml', 'effect: sometimes', 'effect: auto_approve');
  });

  test(
    `I-5: Approve and Deny at once, ${ROUNDS} rounds: exactly one outcome`,
    async () => {
      const outcomes = new Set<string>();
      for (let round = 0; round < ROUNDS; round++) {
        const asked = await people.rest('alice', 'POST', '/v1/access-requests', {
          resource: 'staging',
          role: 'deploy',
          duration: '30m',
          justification: `Round ${round} of the race`,
        });
        const id = String(asked.body.id);
        const decide = (who: string, verdict: string) =>
          people.rest(who, 'POST', `/v1/access-requests/${id}/decisions`, { verdict, revision: 1, reason: 'race' });
        const answers = await Promise.all(
          round % 2 === 0
            ? [decide('bob', 'approve'), decide('carol', 'deny')]
            : [decide('carol', 'deny'), decide('bob', 'approve')],
        );
        expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409]);
        const { body } = await people.rest('alice', 'GET', `/v1/access-requests/${id}`);
        expect(['approved', 'denied']).toContain(body.state);
        expect(body.grant === null).toBe(body.state === 'denied');
        const finals = (await people.trail(id)).filter((row) => /^request\.(approved|denied)$/.test(row.type));
        expect(finals).toHaveLength(1);
        outcomes.add(String(body.state));
      }
      expect(outcomes.size).toBeGreaterThan(0);
    },
    2 * MINUTE_MS,
  );
});
