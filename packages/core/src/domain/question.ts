/** Questions: what an approver wants to know before deciding, and what whoever asked for the access answers. Pure. */
import type { AccessCase } from './case.ts';
import type { Instant } from './instant.ts';
import type { Moment } from './moment.ts';
import { owns, type Policy, personById } from './policy.ts';
import type { PersonId } from './principal.ts';
import { eligibleLines, isOwn } from './quorum.ts';
import type { Refusal } from './refusal.ts';
import { closingOf } from './request.ts';
import { err, ok, type Result } from './result.ts';
import { isSoundText } from './text.ts';

/** What one person said, and when. */
export interface Said {
  readonly by: PersonId;
  readonly at: Instant;
  readonly text: string;
}

export interface CaseQuestion {
  /** 1 is a request's first. */
  readonly number: number;
  readonly asked: Said;
  readonly answered?: Said;
}

/** A request has no more questions than this: who wants to know more, talks. */
export const QUESTIONS_MAX = 10;
export const QUESTION_LENGTH_MAX = 500;

/** Who says what: the time is the moment's. */
export type Saying = Pick<Said, 'by' | 'text'>;

/**
 * The next question, by somebody who may decide the request.
 * Refusals: identity_rejected, own_request, not_an_approver, request_closed, malformed, too_many.
 */
export function askQuestion(
  c: AccessCase,
  before: readonly CaseQuestion[],
  saying: Saying,
  at: Moment,
): Result<CaseQuestion, Refusal> {
  if (personById(at.policy, saying.by) === undefined)
    return err({ code: 'identity_rejected', why: 'not_in_directory' });
  if (isOwn(c.request, saying.by)) return err({ code: 'own_request' });
  if (eligibleLines(at.policy, c.request, c.request.lines, saying.by).length === 0) {
    return err({ code: 'not_an_approver' });
  }
  const problem = closedOrUnsound(c, saying, at);
  if (problem !== undefined) return err(problem);
  if (before.length >= QUESTIONS_MAX) return err({ code: 'too_many', retryAfterSeconds: 0 });
  return ok({ number: before.length + 1, asked: { ...saying, at: at.now } });
}

/**
 * The question with its answer, by whoever asked for the access; given once.
 * Refusals: request_unknown (no such question, or not theirs to answer), request_closed, malformed, replayed.
 */
export function answerQuestion(
  c: AccessCase,
  before: readonly CaseQuestion[],
  { number, ...saying }: Saying & { readonly number: number },
  at: Moment,
): Result<CaseQuestion, Refusal> {
  const question = before.find((one) => one.number === number);
  if (question === undefined || !mayAnswer(at.policy, c, saying.by)) return err({ code: 'request_unknown' });
  const problem = closedOrUnsound(c, saying, at);
  if (problem !== undefined) return err(problem);
  if (question.answered !== undefined) return err({ code: 'replayed' });
  return ok({ ...question, answered: { ...saying, at: at.now } });
}

/** The requester; for a workload that asked itself its owners. */
export function mayAnswer(policy: Policy, { request: { requester } }: AccessCase, id: PersonId): boolean {
  if (personById(policy, id) === undefined) return false;
  return requester.kind === 'person' ? requester.id === id : owns(policy, id, requester.id);
}

function closedOrUnsound(c: AccessCase, { text }: Saying, { now }: Moment): Refusal | undefined {
  const closing = closingOf(c.request, now);
  if (closing !== undefined) return { code: 'request_closed', ...closing };
  if (text.trim() === '') return { code: 'malformed', what: 'text is empty', path: 'text' };
  if (text.length > QUESTION_LENGTH_MAX) {
    return { code: 'malformed', what: `text is longer than ${QUESTION_LENGTH_MAX} characters`, path: 'text' };
  }
  return isSoundText(text) ? undefined : { code: 'malformed', what: 'text is not sound Unicode text', path: 'text' };
}
