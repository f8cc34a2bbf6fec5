/** The contract of questions and facts: words under the lock, the fact in trail and outbox, and what is read around a request. */
import { describe, expect, test } from '@jest/globals';
import {
  answerQuestion,
  askQuestion,
  HISTORY_MAX,
  minutes,
  type PersonId,
  type Principal,
  person,
  QUESTIONS_MAX,
  type RequestId,
} from '@sallyport/core';
import { BILLING, BOB, byline, DAN, DAVE } from '../builders.ts';
import { codeOf, must, useStore } from './kit.ts';
import type { MakeStoreWorld } from './store-world.ts';

/** Declares the tests of `Questions` and `Facts` for a store. */
export function questionsContract(name: string, make: MakeStoreWorld): void {
  describe(`${name} keeps the contract of questions and facts`, () => {
    const kit = useStore(make);
    const asks = (id: RequestId, by: PersonId, text: string, key?: string) =>
      kit
        .world()
        .questions.write(
          id,
          (c, before, at) => askQuestion(c, before, { by, text }, at),
          byline({ principal: person(by), door: 'slack' }),
          key === undefined ? undefined : { scope: 'slack.view', key, bodyHash: 'h' },
        );
    const answers = (id: RequestId, number: number, by: Principal & { kind: 'person' }, text: string) =>
      kit
        .world()
        .questions.write(
          id,
          (c, before, at) => answerQuestion(c, before, { number, by: by.id, text }, at),
          byline({ principal: by, door: 'slack' }),
        );

    test('a question and its answer are kept word for word; the trail and the outbox have the fact, without words', async () => {
      const me = kit.member();
      const { request, version } = await kit.open({ subject: me });
      const asked = await asks(request.id, BOB.id, 'Which tables?');
      expect(asked).toMatchObject({ ok: true, value: { case: { version }, question: { number: 1 } } });
      expect(codeOf(await answers(request.id, 1, me, 'Only orders.'))).toBe('ok');
      expect(await kit.world().questions.ofRequest(request.id)).toMatchObject([
        { number: 1, asked: { by: BOB.id, text: 'Which tables?' }, answered: { by: me.id, text: 'Only orders.' } },
      ]);
      const rows = (await kit.trailOf(request.id)).map((row) => row.type);
      expect(rows.slice(-2)).toEqual(['question.asked', 'question.answered']);
      expect(JSON.stringify(await kit.world().audit())).not.toContain('tables');
      expect((await kit.outboxOf(request.id)).slice(-2)).toEqual(['question.asked', 'question.answered']);
      expect((await kit.world().ledger.find(request.id))?.value.version).toBe(version);
    });

    test('only who may decide asks, only who asked for the access answers, once; each no leaves its row', async () => {
      const me = kit.member();
      const { request } = await kit.open({ subject: me });
      expect(codeOf(await asks(request.id, me.id, 'may I?'))).toBe('own_request');
      expect(codeOf(await asks(request.id, DAVE.id, 'may I?'))).toBe('not_an_approver');
      expect(codeOf(await asks(kit.chance.requestId(), BOB.id, 'hello?'))).toBe('request_unknown');
      must1(await asks(request.id, BOB.id, 'why?'));
      expect(codeOf(await answers(request.id, 1, DAN, 'because'))).toBe('request_unknown');
      expect(codeOf(await answers(request.id, 2, me, 'because'))).toBe('request_unknown');
      must1(await answers(request.id, 1, me, 'because'));
      expect(codeOf(await answers(request.id, 1, me, 'or rather'))).toBe('replayed');
      const codes = (await kit.trailOf(request.id)).flatMap((row) => row.reasonCode ?? []);
      expect(codes).toEqual(['own_request', 'not_an_approver', 'request_unknown', 'request_unknown', 'replayed']);
    });

    test('questions are bounded, also of many at once, and a submission that comes twice asks once', async () => {
      const { request } = await kit.open();
      expect(codeOf(await asks(request.id, BOB.id, 'twice?', 'k1'))).toBe('ok');
      expect(codeOf(await asks(request.id, BOB.id, 'twice?', 'k1'))).toBe('replayed');
      const all = await Promise.all(Array.from({ length: 14 }, (_, n) => asks(request.id, DAN.id, `question ${n}`)));
      expect(all.filter((one) => one.ok)).toHaveLength(QUESTIONS_MAX - 1);
      const kept = await kit.world().questions.ofRequest(request.id);
      expect(kept.map((one) => one.number)).toEqual(Array.from({ length: QUESTIONS_MAX }, (_, n) => n + 1));
    });

    test('about a closed request nothing is asked, and nothing answered', async () => {
      const me = kit.member();
      const { request } = await kit.open({ subject: me });
      must1(await asks(request.id, BOB.id, 'why?'));
      must(await kit.click(request.id, { person: DAN.id, verdict: 'deny' }));
      expect(codeOf(await asks(request.id, BOB.id, 'and now?'))).toBe('request_closed');
      expect(codeOf(await answers(request.id, 1, me, 'too late'))).toBe('request_closed');
    });

    test('history: earlier ones of the same subject and resource, what still stands, when the requester asked', async () => {
      const me = kit.member();
      const other = kit.member();
      const old = await kit.open({ subject: me });
      const live = await kit.live({ subject: me });
      const ended = await kit.live({ subject: me });
      must(await kit.revoke(ended.value.request.id));
      const elsewhere = await kit.open({ subject: me, access: { ...old.request.access, resource: BILLING } });
      await kit.open({ subject: other });
      const now = await kit.open({ subject: me });
      await kit.open({ subject: me });
      const found = await kit.world().facts.history(now.request.id);
      expect(found?.earlier.map((c) => c.request.id)).toEqual([
        ended.value.request.id,
        live.value.request.id,
        old.request.id,
      ]);
      expect(found?.live).toEqual([live.value]);
      expect(found?.askedAt).toEqual([elsewhere, ended.value, live.value, old].map((c) => c.request.openedAt));
      await kit.world().advance(minutes(24 * 60));
      expect((await kit.world().facts.history(now.request.id))?.live).toEqual([]);
      expect(await kit.world().facts.history(kit.chance.requestId())).toBeUndefined();
    });

    test('history is bounded', async () => {
      const me = kit.member();
      for (let count = 0; count < HISTORY_MAX.askedAt + 3; count++) await kit.open({ subject: me });
      const last = await kit.open({ subject: me });
      const found = await kit.world().facts.history(last.request.id);
      expect(found?.earlier).toHaveLength(HISTORY_MAX.earlier);
      expect(found?.askedAt).toHaveLength(HISTORY_MAX.askedAt);
    });
  });
}

function must1(result: { readonly ok: boolean }): void {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result)}`);
}
