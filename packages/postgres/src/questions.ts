/** Owns questions about a request and their answers: written under the lock of the request, with the fact in the trail. */
import {
  type AccessCase,
  type Attribution,
  type CaseQuestion,
  type DecideQuestion,
  err,
  type Instant,
  type OnceKey,
  ok,
  type PersonId,
  QUESTIONS_MAX,
  type Questioned,
  type Questions,
  type Refusal,
  type RequestId,
  type Result,
  type Said,
} from '@sallyport/core';
import { writeAttempt } from './attempts.ts';
import { auditRow } from './audit/append.ts';
import { hashedText } from './audit/hashed-text.ts';
import { LOCK, LOOK } from './ledger-write.ts';
import { momentOf, nowOf, versionOf } from './moments.ts';
import { keepOnce, knownOnce, lockOnce } from './once-keys.ts';
import { isNull, maybeText, type StoredRow, text, time, whole } from './row-values.ts';
import { readCase } from './rows.ts';
import { accountRefusal } from './slack-links.ts';
import { statement, timeText } from './statement.ts';
import type { Store } from './store.ts';
import { reading, type Tx, transaction } from './transaction.ts';
import { emptyRows, writeStatement } from './write-statement.ts';

const OF_REQUEST = `select * from questions where request_id = $1 order by number limit ${QUESTIONS_MAX}`;

/** A new question is inserted; the answer of one that has none is added, and nothing else of it changes. */
const PUT = `insert into questions (request_id, number, asked_by, asked_at, text, answered_by, answered_at, answer)
  values ($1, $2, $3, $4, $5, $6, $7, $8)
  on conflict (request_id, number) do update
    set answered_by = excluded.answered_by, answered_at = excluded.answered_at, answer = excluded.answer
    where questions.answer is null and excluded.answer is not null
  returning number`;

/** Questions over this store. */
export function makeQuestions(store: Store): Questions {
  return {
    write: (id, decide, by, once) => write(store, id, decide, by, once),
    ofRequest: (id) => reading(store.pool, (connection) => ofRequest(connection, id)),
  };
}

/** Locks the request as `transact` does; then reads, judges, and writes words, audit row and outbox row. */
async function write(
  store: Store,
  id: RequestId,
  decide: DecideQuestion,
  by: Attribution,
  once: OnceKey | undefined,
): Promise<Result<Questioned, Refusal>> {
  return transaction(store.pool, async (tx) => {
    if (once !== undefined) await lockOnce(tx, once);
    await tx.rows(statement(LOCK, [id], 'case_lock'));
    const [row] = await tx.rows<StoredRow>(statement(LOOK, [id], 'case_look'));
    if (row === undefined) throw new Error('a select without from answers one row');
    const refuse = async (refusal: Refusal, c?: AccessCase): Promise<Result<Questioned, Refusal>> => {
      const facts = { refusal, by, attempted: 'ask', requestId: id, case: c };
      await writeAttempt(tx, store.mac, { ...facts, at: nowOf(row), policyVersion: versionOf(row) });
      return err(refusal);
    };
    if (isNull(row, 'found')) return refuse({ code: 'request_unknown' });
    const c = readCase(row.found, store.mac);
    if (once !== undefined && (await knownOnce(tx, once)) !== undefined) return refuse({ code: 'replayed' }, c);
    const at = await momentOf(row, tx, store.policies);
    const foreign = await accountRefusal(tx, store.mac, by, at);
    if (foreign !== undefined) return refuse(foreign, c);
    const judged = decide(c, await ofRequest(tx, id), at);
    if (!judged.ok) return refuse(judged.error, c);
    if (once !== undefined) await keepOnce(tx, once, id);
    await put(tx, id, judged.value);
    await tell(tx, store, { case: c, question: judged.value, at }, by);
    return ok({ case: c, question: judged.value, at });
  });
}

async function put(tx: Tx, id: RequestId, { number, asked, answered }: CaseQuestion): Promise<void> {
  const answer = answered === undefined ? [null, null, null] : [answered.by, timeText(answered.at), answered.text];
  const values = [id, number, asked.by, timeText(asked.at), asked.text, ...answer];
  const wrote = await tx.rows(statement(PUT, values));
  if (wrote.length === 0) throw new Error('a question under its lock was answered by somebody else');
}

async function tell(tx: Tx, store: Store, { case: c, question, at }: Questioned, by: Attribution): Promise<void> {
  const type = question.answered === undefined ? 'question.asked' : 'question.answered';
  const words = question.answered?.text ?? question.asked.text;
  const draft = {
    type,
    at: at.now,
    by,
    requestId: c.request.id,
    version: c.version,
    revision: c.request.revision,
    digest: c.request.digest,
    policyVersion: at.policy.version,
    facts: { number: question.number, text: hashedText(words) },
  };
  const outbox = {
    event: type,
    request_id: c.request.id,
    case_version: c.version,
    grant_id: null,
    jti: null,
    at: timeText(at.now),
    due_at: null,
  };
  await tx.rows(writeStatement({ ...emptyRows(), audit: [auditRow(draft, tx.cursor, store.mac)], outbox: [outbox] }));
}

async function ofRequest(sender: Pick<Tx, 'rows'>, id: RequestId): Promise<readonly CaseQuestion[]> {
  return (await sender.rows<StoredRow>(statement(OF_REQUEST, [id], 'questions_of'))).map(readQuestion);
}

function readQuestion(row: StoredRow): CaseQuestion {
  const answer = maybeText(row, 'answer');
  return {
    number: whole(row, 'number'),
    asked: said(text(row, 'asked_by'), time(row, 'asked_at'), text(row, 'text')),
    ...(answer === undefined ? {} : { answered: said(text(row, 'answered_by'), time(row, 'answered_at'), answer) }),
  };
}

function said(by: string, at: Instant, words: string): Said {
  return { by: by as PersonId, at, text: words };
}
