/** Questions under the role of the one program that writes them: it adds and answers, and cannot change what was said. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answerQuestion, askQuestion, ok, type RequestId } from '@sallyport/core';
import { ALICE, anOpening, aPolicy, BOB, byline, ORDERS } from '@sallyport/testkit/core';
import { openWorld, type PostgresWorld } from './world.support.ts';

let world: PostgresWorld;
let id: RequestId;

beforeAll(async () => {
  world = await openWorld(aPolicy(), { role: 'sallyport_slack' });
  const opened = await world.ledger.open(
    { subject: ALICE, resource: ORDERS },
    (_, { now, policy }) => {
      const change = { subject: ALICE, openedAt: now, expiresAt: (now + 3_600_000) as typeof now };
      return ok({ kind: 'new', step: anOpening({ ...change, policyVersion: policy.version }) });
    },
    byline(),
  );
  if (!opened.ok) throw new Error(opened.error.code);
  id = opened.value.case.request.id;
});
afterAll(() => world.close());

test('the Slack program asks, answers and reads the history; the words are no columns of the trail', async () => {
  const { questions, facts } = world;
  const by = byline({ door: 'slack' });
  const asked = await questions.write(id, (c, q, at) => askQuestion(c, q, { by: BOB.id, text: 'Which rows?' }, at), by);
  expect(asked.ok).toBe(true);
  const answered = await questions.write(
    id,
    (c, q, at) => answerQuestion(c, q, { by: ALICE.id, text: 'Only mine.', number: 1 }, at),
    by,
  );
  expect(answered.ok).toBe(true);
  expect((await facts.history(id))?.earlier).toEqual([]);
  const trail = await world.database.sql("select convert_from(leaf, 'utf8') as leaf from audit");
  expect(JSON.stringify(trail)).toContain('question.answered');
  expect(JSON.stringify(trail)).not.toMatch(/Which rows|Only mine/);
});

test('what was asked cannot be changed, nor anything taken away, by that role', async () => {
  const as = (text: string) => world.database.sql(`set role sallyport_slack; ${text}`);
  await expect(as("update questions set text = 'other'")).rejects.toThrow(/permission denied/);
  await expect(as('delete from questions')).rejects.toThrow(/permission denied/);
});
