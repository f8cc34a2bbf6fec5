/** The request form: redrawn when a choice changes what else can be chosen, and sent. The server judges every field again. */

import {
  type Ask,
  after,
  type Duration,
  hours,
  type Instant,
  instant,
  type PersonId,
  type Policy,
  type Principal,
  parseDuration,
  parsePrincipal,
  person,
  type Refusal,
  type RefusalCode,
  type ResourceId,
  type RoleId,
  resourceById,
} from '@sallyport/core';
import { FIELDS, isOpenedForAnother, VIEWS } from '../action-ids.ts';
import { attribution, type Desk, note, submissionOnce } from '../desk.ts';
import { fieldOf, readClick, readSubmission, type SeenSubmission, type SeenView } from '../payload.ts';
import { rolesFor, subjectsOf } from '../requestable.ts';
import { AT_FIELD, atMostCharacters, TITLES } from '../views/form-words.ts';
import { limits, typed } from '../views/limits.ts';
import { riskOf } from '../views/names.ts';
import { type Chosen, ME, requestFormView } from '../views/request-modal-view.ts';
import { sentView } from '../views/sent-view.ts';
import type { Sentence } from '../views/sentence.ts';
import { SAY, sentenceFor } from '../views/sentences.ts';
import { answering, type Heard } from './heard.ts';
import { type Answered, inTime, type Submitted } from './submitted.ts';

/** A choice of resource, role or subject: the rest of the form follows. What was typed stays. */
export async function choiceMade(desk: Desk, { body, ack, respond }: Heard): Promise<void> {
  await ack();
  const click = readClick(body);
  if (click.place.in !== 'view' || click.place.view.callback_id !== VIEWS.request) return;
  const { view } = click.place;
  await answering(desk, { user: click.actor.user, respond }, async () => {
    const who = await desk.identities.identify(click.actor, { live: false });
    if (!who.ok || view.id === undefined) return;
    const form = requestFormView({ policy: desk.policies.inForce(), person: who.value.person, chosen: chosenIn(view) });
    try {
      await desk.client.views.update({
        view_id: view.id,
        view: form,
        ...(view.hash === undefined ? {} : { hash: view.hash }),
      });
    } catch (err) {
      // A newer choice is on its way, or the form cannot be changed: as it stands it can still be sent, and is judged then.
      desk.logger.debug('slack.form_not_followed', { err });
    }
  });
}

/** What stands in the form. */
export function chosenIn(view: SeenView): Chosen {
  const read = (field: string) => fieldOf(view, field);
  const [resource, role, subject] = [read(FIELDS.resource), read(FIELDS.role), read(FIELDS.subject)];
  const duration = parseDuration(read(FIELDS.duration) ?? '');
  return {
    ...(resource === undefined ? {} : { resource }),
    ...(role === undefined ? {} : { role }),
    ...(subject === undefined ? {} : { subject }),
    ...(duration === undefined ? {} : { duration }),
  };
}

/** The form was sent. */
export async function requestSubmitted(desk: Desk, { body, ack }: Submitted): Promise<void> {
  const sent = readSubmission(body);
  await inTime(desk, sent, ack, () => submit(desk, sent), { title: TITLES.request, block: FIELDS.justification });
}

async function submit(desk: Desk, sent: SeenSubmission): Promise<Answered> {
  const policy = desk.policies.inForce();
  const resource = fieldOf(sent.view, FIELDS.resource);
  const live = resource !== undefined && riskOf(policy, resource as ResourceId) === 'high';
  const who = await desk.identities.identify(sent.actor, { live });
  if (!who.ok) {
    await note(desk, who.error, sent.actor, { attempted: 'open' });
    return errors(FIELDS.justification, sentenceFor(who.error, { account: sent.actor }));
  }
  const { person: id } = who.value;
  if (isOpenedForAnother(sent.view.private_metadata, id)) {
    await note(desk, { code: 'malformed', what: 'a form of another person' }, sent.actor, {
      attempted: 'open',
      person: id,
    });
    return errors(FIELDS.justification, SAY.formOutOfDate);
  }
  const ask = readAsk(policy, id, sent.view, instant(Date.now()));
  if ('wrong' in ask) return { kind: 'errors', errors: ask.wrong };
  const by = attribution(sent.actor, id);
  const opened = await desk.submitRequest(ask.ask, by, submissionOnce(sent.actor, sent.view));
  if (!opened.ok)
    return errors(blockFor(policy, ask.ask, opened.error), sentenceFor(opened.error, { policy, account: sent.actor }));
  desk.redraw(opened.value.case.request.id, { force: false });
  return { kind: 'view', view: sentView(opened.value) };
}

type Wrong = Record<string, Sentence>;

/** The fields as an ask, or what is wrong with which. Whether the ask may be had is not judged here. */
function readAsk(
  policy: Policy,
  id: PersonId,
  view: SeenView,
  now: Instant,
): { readonly ask: Ask } | { readonly wrong: Wrong } {
  const wrong: Wrong = {};
  const resource = short(fieldOf(view, FIELDS.resource));
  const subject = readSubject(id, fieldOf(view, FIELDS.subject));
  const role = short(fieldOf(view, FIELDS.role)) ?? onlyRole(policy, id, resource, subject);
  const duration = readDuration(fieldOf(view, FIELDS.duration));
  const justification = fieldOf(view, FIELDS.justification) ?? '';
  const ticket = fieldOf(view, FIELDS.ticket)?.trim() ?? '';
  const starts = readStart(fieldOf(view, FIELDS.starts), now);
  if (resource === undefined) wrong[FIELDS.resource] = AT_FIELD.missing;
  if (role === undefined) wrong[FIELDS.role] = AT_FIELD.missing;
  if (subject === undefined) wrong[FIELDS.subject] = AT_FIELD.notYours;
  if (duration === 'unreadable') wrong[FIELDS.duration] = AT_FIELD.noLength;
  if (justification.length > typed.justification) wrong[FIELDS.justification] = atMostCharacters(typed.justification);
  if (typeof starts === 'string') wrong[FIELDS.starts] = AT_FIELD[starts];
  if (ticket.length > typed.ticket) wrong[FIELDS.ticket] = atMostCharacters(typed.ticket);
  if (Object.keys(wrong).length > 0 || resource === undefined || role === undefined || subject === undefined) {
    return { wrong };
  }
  return {
    ask: {
      subject,
      requester: person(id),
      resource: resource as ResourceId,
      role: role as RoleId,
      tooLong: 'refuse',
      justification,
      door: 'slack',
      ...(duration === undefined || duration === 'unreadable' ? {} : { duration }),
      ...(ticket === '' ? {} : { ticket }),
      ...(typeof starts === 'number' ? { notBefore: starts } : {}),
    },
  };
}

const AHEAD_MAX = hours(24 * 30);
/** A form is open for a while: a start that was now when it was chosen is no mistake. */
const PAST_MAX = hours(1);

/** Seconds since 1970, as Slack sends them; in whose zone they were chosen does not matter any more. */
function readStart(value: string | undefined, now: Instant): Instant | undefined | 'noMoment' | 'past' | 'far' {
  if (value === undefined || value === '') return undefined;
  if (!/^\d{10}$/.test(value)) return 'noMoment';
  const at = instant(Number(value) * 1_000);
  if (after(at, PAST_MAX) < now) return 'past';
  return at > after(now, AHEAD_MAX) ? 'far' : at;
}

function short(value: string | undefined): string | undefined {
  return value === undefined || value === '' || value.length > limits.optionValue ? undefined : value;
}

/** `me`, absent, or `workload:ID`. Another person is nobody one can ask for. */
function readSubject(id: PersonId, value: string | undefined): Principal | undefined {
  if (value === undefined || value === '' || value === ME) return person(id);
  const named = parsePrincipal(value);
  return named?.kind === 'workload' ? named : undefined;
}

/** A form without a role means the only one there is. */
function onlyRole(
  policy: Policy,
  id: PersonId,
  resource: string | undefined,
  subject: Principal | undefined,
): string | undefined {
  const target = resource === undefined ? undefined : resourceById(policy, resource);
  if (target === undefined) return undefined;
  const roles = rolesFor(policy, subject === undefined ? subjectsOf(policy, id) : [subject], target);
  return roles.length === 1 ? roles[0]?.id : undefined;
}

function readDuration(value: string | undefined): Duration | undefined | 'unreadable' {
  if (value === undefined || value === '') return undefined;
  return parseDuration(value.trim()) ?? 'unreadable';
}

const BLOCKS: Partial<Record<RefusalCode, string>> = {
  target_unknown: FIELDS.resource,
  policy_forbids: FIELDS.role,
  nobody_can_approve: FIELDS.role,
  scope_not_covered: FIELDS.role,
  duration_too_long: FIELDS.duration,
};

/** Which field a refusal is about. */
function blockFor(policy: Policy, ask: Ask, refusal: Refusal): string {
  if (refusal.code === 'target_unknown' && resourceById(policy, ask.resource) !== undefined) return FIELDS.role;
  if (refusal.code === 'malformed' && refusal.path === 'not_before') return FIELDS.starts;
  if (refusal.code === 'malformed' && refusal.path !== undefined) return refusal.path;
  return BLOCKS[refusal.code] ?? FIELDS.justification;
}

function errors(block: string, sentence: Sentence): Answered {
  return { kind: 'errors', errors: { [block]: sentence } };
}
