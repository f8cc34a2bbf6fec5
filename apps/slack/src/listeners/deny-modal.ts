/** The second half of Deny: the form with the reason. Committed first, then acknowledged: errors travel only in the acknowledgement. */
import type { Refusal, RequestId } from '@sallyport/core';
import { FIELDS, parseValue } from '../action-ids.ts';
import { attribution, type Desk, note, submissionOnce } from '../desk.ts';
import { fieldOf, readSubmission, type SeenSubmission } from '../payload.ts';
import { typed } from '../views/limits.ts';
import { riskOf } from '../views/names.ts';
import type { Sentence } from '../views/sentence.ts';
import { SAY, sentenceFor } from '../views/sentences.ts';
import { count } from './decision-action.ts';
import { type Answered, inTime, type Submitted } from './submitted.ts';

const WHY = 'Say why, in a few words: the requester is told.';

/** Deny, with the reason. */
export async function denySubmitted(desk: Desk, { body, ack }: Submitted): Promise<void> {
  const sent = readSubmission(body);
  await inTime(desk, sent, ack, () => decide(desk, sent), { title: 'Deny this request', block: FIELDS.reason });
}

async function decide(desk: Desk, sent: SeenSubmission): Promise<Answered> {
  const value = parseValue(sent.view.private_metadata);
  if (value?.kind !== 'request' || value.revision === undefined) return no(SAY.formOutOfDate);
  const reason = fieldOf(sent.view, FIELDS.reason)?.trim() ?? '';
  if (reason === '') return no([WHY]);
  if (reason.length > typed.reason) return no([`At most ${typed.reason} characters.`]);
  const seen = await desk.ledger.find(value.request);
  const live = seen === undefined || riskOf(seen.at.policy, seen.value.request.access.resource) === 'high';
  const who = await desk.identities.identify(sent.actor, { live });
  if (!who.ok) {
    await note(desk, who.error, sent.actor, { attempted: 'decide', requestId: value.request });
    return no(sentenceFor(who.error, { account: sent.actor }));
  }
  const { person } = who.value;
  const decided = await desk.recordDecision(
    { requestId: value.request, person, verdict: 'deny', revision: value.revision, reason, hideFromStrangers: false },
    attribution(sent.actor, person),
    submissionOnce(sent.actor, sent.view),
  );
  count(desk, 'deny', decided);
  if (decided.ok) {
    desk.redraw(value.request, { force: false });
    return { kind: 'close' };
  }
  return decided.error.code === 'replayed' ? { kind: 'close' } : refused(desk, value.request, decided.error);
}

async function refused(desk: Desk, request: RequestId, refusal: Refusal): Promise<Answered> {
  desk.redraw(request, { force: true });
  const now = await desk.ledger.find(request);
  return no(sentenceFor(refusal, now === undefined ? {} : { policy: now.at.policy, case: now.value }));
}

function no(sentence: Sentence): Answered {
  return { kind: 'errors', errors: { [FIELDS.reason]: sentence } };
}
