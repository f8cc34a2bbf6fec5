/** The second half of Deny: the form with the reason. Committed first, then acknowledged: errors travel only in the acknowledgement. */

import { FIELDS } from '../action-ids.ts';
import { attribution, type Desk, submissionOnce } from '../desk.ts';
import { fieldOf, readSubmission, type SeenSubmission } from '../payload.ts';
import { AT_FIELD, atMostCharacters, TITLES } from '../views/form-words.ts';
import { typed } from '../views/limits.ts';
import { formAbout, isAnswered, no, refusedIn } from './deciding-form.ts';
import { count } from './decision-action.ts';
import { type Answered, inTime, type Submitted } from './submitted.ts';

/** Deny, with the reason. */
export async function denySubmitted(desk: Desk, { body, ack }: Submitted): Promise<void> {
  const sent = readSubmission(body);
  await inTime(desk, sent, ack, () => decide(desk, sent), { title: TITLES.deny, block: FIELDS.reason });
}

async function decide(desk: Desk, sent: SeenSubmission): Promise<Answered> {
  const reason = fieldOf(sent.view, FIELDS.reason)?.trim() ?? '';
  if (reason === '') return no(FIELDS.reason, AT_FIELD.sayWhy);
  if (reason.length > typed.reason) return no(FIELDS.reason, atMostCharacters(typed.reason));
  const about = await formAbout(desk, sent, { attempted: 'decide', block: FIELDS.reason });
  if (isAnswered(about)) return about;
  const { person, value } = about;
  const decided = await desk.recordDecision(
    { requestId: value.request, person, verdict: 'deny', revision: value.revision, reason, hideFromStrangers: false },
    attribution(sent.actor, person),
    submissionOnce(sent.actor, sent.view),
  );
  count(desk, 'deny', decided);
  if (!decided.ok) return refusedIn(desk, value.request, decided.error, FIELDS.reason);
  desk.redraw(value.request, { force: false });
  return { kind: 'close' };
}
