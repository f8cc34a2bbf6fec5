/** Questions: what approvers asked about a request and what was answered. The words are kept here; the trail has the fact. */
import type { AccessCase } from '../domain/case.ts';
import type { RequestId } from '../domain/ids.ts';
import type { Moment } from '../domain/moment.ts';
import type { CaseQuestion } from '../domain/question.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Result } from '../domain/result.ts';
import type { Attribution } from './attribution.ts';
import type { OnceKey } from './ledger.ts';

/** Judges under the row lock: the next question, or one of those before with its answer. Synchronous and pure. */
export type DecideQuestion = (
  c: AccessCase,
  before: readonly CaseQuestion[],
  at: Moment,
) => Result<CaseQuestion, Refusal>;

/** What a question, or its answer, left behind. */
export interface Questioned {
  readonly case: AccessCase;
  readonly question: CaseQuestion;
  readonly at: Moment;
}

export interface Questions {
  /**
   * Writes one question, or its answer, under the lock of its request: the words, an audit row without them, an outbox row.
   * The case does not change. Refusals: request_unknown, replayed (a known once-key), identity_rejected (as a ledger's), and
   * whatever `decide` refuses; each leaves one audit row of the attempt.
   */
  write(id: RequestId, decide: DecideQuestion, by: Attribution, once?: OnceKey): Promise<Result<Questioned, Refusal>>;
  /** Those of one request, first first; never more than QUESTIONS_MAX. */
  ofRequest(id: RequestId): Promise<readonly CaseQuestion[]>;
}
