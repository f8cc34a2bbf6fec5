/** Owns questions in memory: the guarantees of the real ones, each write in one piece. */
import {
  type AccessCase,
  type Attribution,
  type CaseQuestion,
  type DecideQuestion,
  err,
  nameOf,
  type OnceKey,
  ok,
  type Questioned,
  type Questions,
  type Refusal,
  type RequestId,
  type Result,
} from '@sallyport/core';
import { keepOnce, knownOnce } from './memory-ledger.ts';
import { accountRefusal } from './memory-slack-links.ts';
import { type MemoryStore, writeRefusal } from './memory-store.ts';

/** Questions over these rows. */
export function memoryQuestions(store: MemoryStore): Questions {
  return {
    write: async (id, decide, by, once) => {
      await store.turn('questions.write');
      const result = writeNow(store, id, decide, by, once);
      if (!result.ok) writeRefusal(store, result.error, by, { requestId: id });
      return result;
    },
    ofRequest: async (id) => {
      await store.turn('questions.ofRequest');
      return store.questions.get(id) ?? [];
    },
  };
}

function writeNow(
  store: MemoryStore,
  id: RequestId,
  decide: DecideQuestion,
  by: Attribution,
  once: OnceKey | undefined,
): Result<Questioned, Refusal> {
  const at = store.moment();
  const c = store.cases.get(id)?.case;
  if (c === undefined) return err({ code: 'request_unknown' });
  if (knownOnce(store, once, at.now) !== undefined) return err({ code: 'replayed' });
  const refused = accountRefusal(store, by, at);
  if (refused !== undefined) return err(refused);
  const before = store.questions.get(id) ?? [];
  const judged = decide(c, before, at);
  if (!judged.ok) return judged;
  keepOnce(store, once, id, at.now);
  const { value } = judged;
  store.questions.set(id, [...before.filter((one) => one.number !== value.number), value].toSorted(byNumber));
  tell(store, c, value, by);
  return ok({ case: c, question: value, at });
}

function tell(store: MemoryStore, c: AccessCase, { answered, asked }: CaseQuestion, by: Attribution): void {
  const type = answered === undefined ? 'question.asked' : 'question.answered';
  const requestId = c.request.id;
  const actor = by.principal === undefined ? {} : { actor: nameOf(by.principal) };
  store.audit.push({ at: (answered ?? asked).at, type, by, requestId, digest: c.request.digest, ...actor });
  store.outbox.push({ requestId, version: c.version, type });
}

function byNumber(a: CaseQuestion, b: CaseQuestion): number {
  return a.number - b.number;
}
