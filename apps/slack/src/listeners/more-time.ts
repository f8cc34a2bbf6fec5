/** More time: a small form for a new request that begins where an access ends. The access itself never grows. */

import { type AccessCase, grantStateAt, parseDuration, person, type Refusal } from '@sallyport/core';
import { FIELDS, parseValue } from '../action-ids.ts';
import { attribution, type Desk, note, submissionOnce } from '../desk.ts';
import { fieldOf, readClick, readSubmission, type SeenSubmission } from '../payload.ts';
import { AT_FIELD, askedAlready, atMostCharacters, TITLES } from '../views/form-words.ts';
import { typed } from '../views/limits.ts';
import { moreTimeFormView } from '../views/more-time-view.ts';
import { riskOf } from '../views/names.ts';
import { noteView } from '../views/note-view.ts';
import { sentView } from '../views/sent-view.ts';
import type { Sentence } from '../views/sentence.ts';
import { SAY, sentenceFor } from '../views/sentences.ts';
import { countedClick } from './clicked.ts';
import { answering, type Heard } from './heard.ts';
import { type Answered, inTime, type Submitted } from './submitted.ts';
import { personOrTell } from './who.ts';

/** Opens the form, or says that the access is over. Whether it may be had is judged when it is sent. */
export async function moreTime(desk: Desk, { body, ack, respond }: Heard): Promise<void> {
  await ack();
  const click = readClick(body);
  await answering(desk, { user: click.actor.user, respond }, async (speak) => {
    const counted = await countedClick(desk, click, 'open', speak);
    if (counted === undefined) return;
    const { request, grant } = counted.case;
    const who = await personOrTell(desk, click.actor, { live: false, attempted: 'open', requestId: request.id }, speak);
    if (who === undefined) return;
    if (grant === undefined || grantStateAt(grant, counted.at.now) !== 'active') {
      desk.redraw(request.id, { force: true });
      return speak(grant === undefined ? SAY.outOfDate : ended(counted.case));
    }
    if (click.triggerId === undefined) return speak(SAY.modalTooLate);
    try {
      await desk.client.views.open({ trigger_id: click.triggerId, view: moreTimeFormView(counted, grant) });
    } catch (err) {
      desk.logger.warn('slack.form_not_opened', { err });
      await speak(SAY.modalTooLate);
    }
  });
}

/** The form was sent. */
export async function moreTimeSubmitted(desk: Desk, { body, ack }: Submitted): Promise<void> {
  const sent = readSubmission(body);
  await inTime(desk, sent, ack, () => submit(desk, sent), { title: TITLES.moreTime, block: FIELDS.justification });
}

async function submit(desk: Desk, sent: SeenSubmission): Promise<Answered> {
  const value = parseValue(sent.view.private_metadata);
  const seen = value?.kind === 'grant' ? await desk.ledger.findByGrant(value.grant) : undefined;
  if (value?.kind !== 'grant' || seen === undefined) return no(FIELDS.justification, SAY.formOutOfDate);
  const live = riskOf(seen.at.policy, seen.value.request.access.resource) === 'high';
  const who = await desk.identities.identify(sent.actor, { live });
  if (!who.ok) {
    await note(desk, who.error, sent.actor, { attempted: 'open', requestId: seen.value.request.id });
    return no(FIELDS.justification, sentenceFor(who.error, { account: sent.actor }));
  }
  const fields = readFields(sent);
  if ('wrong' in fields) return fields.wrong;
  const asked = await desk.moreTime(
    { grant: value.grant, who: person(who.value.person), ...fields, door: 'slack' },
    attribution(sent.actor, who.value.person),
    submissionOnce(sent.actor, sent.view),
  );
  if (!asked.ok) return refused(asked.error, seen.value);
  const { case: c, at, changed } = asked.value;
  desk.redraw(c.request.id, { force: false });
  if (changed) return { kind: 'view', view: sentView({ case: c, at }) };
  return {
    kind: 'view',
    view: noteView(askedAlready(c.request.id), { title: TITLES.moreTime }),
  };
}

function readFields(sent: SeenSubmission) {
  const justification = fieldOf(sent.view, FIELDS.justification)?.trim() ?? '';
  const text = fieldOf(sent.view, FIELDS.duration) ?? '';
  const duration = parseDuration(text);
  if (justification.length > typed.justification) {
    return { wrong: no(FIELDS.justification, atMostCharacters(typed.justification)) };
  }
  if (text !== '' && duration === undefined) return { wrong: no(FIELDS.duration, AT_FIELD.noLength) };
  return { justification, ...(duration === undefined ? {} : { duration }) };
}

function refused(refusal: Refusal, c: AccessCase): Answered {
  if (refusal.code === 'grant_ended') return no(FIELDS.justification, ended(c));
  if (refusal.code === 'duration_too_long') return no(FIELDS.duration, sentenceFor(refusal));
  return no(FIELDS.justification, sentenceFor(refusal));
}

function ended(c: AccessCase): Sentence {
  return sentenceFor({ code: 'grant_ended', how: 'over' }, { case: c });
}

function no(block: string, sentence: Sentence): Answered {
  return { kind: 'errors', errors: { [block]: sentence } };
}
