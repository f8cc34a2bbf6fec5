/** Approve for less, sent: what was left over of the ask. The server takes nothing that is more than was asked. */

import { type AccessRequest, type Narrowing, parseDuration, type Scope } from '@sallyport/core';
import { FIELDS } from '../action-ids.ts';
import { attribution, type Desk, submissionOnce } from '../desk.ts';
import { chosenOf, fieldOf, readSubmission, type SeenSubmission, type SeenView } from '../payload.ts';
import { AT_FIELD, TITLES } from '../views/form-words.ts';
import { scopeFieldsOf } from '../views/less-modal-view.ts';
import { formAbout, isAnswered, no, refusedIn } from './deciding-form.ts';
import { count } from './decision-action.ts';
import { type Answered, inTime, type Submitted } from './submitted.ts';

/** The form with what is left. */
export async function lessSubmitted(desk: Desk, { body, ack }: Submitted): Promise<void> {
  const sent = readSubmission(body);
  await inTime(desk, sent, ack, () => decide(desk, sent), { title: TITLES.less, block: FIELDS.duration });
}

async function decide(desk: Desk, sent: SeenSubmission): Promise<Answered> {
  const about = await formAbout(desk, sent, { attempted: 'decide', block: FIELDS.duration });
  if (isAnswered(about)) return about;
  const { person, value } = about;
  const narrow = narrowingIn(sent.view, about.case.request);
  if (narrow === undefined) return no(FIELDS.scopes, AT_FIELD.oneScope);
  if (isWhole(narrow, about.case.request) && value.revision === about.case.request.revision) {
    return no(FIELDS.duration, AT_FIELD.allOfIt);
  }
  const { request: requestId, revision } = value;
  const decided = await desk.recordDecision(
    { requestId, person, verdict: 'approve', revision, narrow, hideFromStrangers: false },
    attribution(sent.actor, person),
    submissionOnce(sent.actor, sent.view),
  );
  count(desk, 'approve', decided);
  if (!decided.ok) return refusedIn(desk, requestId, decided.error, FIELDS.duration);
  desk.redraw(requestId, { force: false });
  return { kind: 'close' };
}

/** What stands in the form; undefined when no scope is left. A form about an older revision is refused as such later. */
function narrowingIn(view: SeenView, { access }: AccessRequest): Narrowing | undefined {
  const duration = parseDuration(fieldOf(view, FIELDS.duration) ?? '');
  const fields = scopeFieldsOf(access.scopes.length);
  const scopes = fields
    .flatMap((field) => chosenOf(view, field))
    .flatMap((place): Scope | [] => access.scopes[placeOf(place)] ?? []);
  if (fields.length > 0 && scopes.length === 0) return undefined;
  return { ...(duration === undefined ? {} : { duration }), ...(fields.length === 0 ? {} : { scopes }) };
}

function placeOf(value: string): number {
  return /^\d{1,3}$/.test(value) ? Number(value) : -1;
}

function isWhole({ duration, scopes }: Narrowing, { access, duration: asked }: AccessRequest): boolean {
  return (duration ?? asked) >= asked && (scopes ?? access.scopes).length >= access.scopes.length;
}
