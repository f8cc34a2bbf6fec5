/** The other ways to the form: the shortcuts, the Home's button, "Request again", a recent ask in the form itself. */
import { nameOf, type PersonId } from '@sallyport/core';
import { parseValue, VIEWS } from '../action-ids.ts';
import type { Desk } from '../desk.ts';
import { readClick, readMessageShortcut, readShortcut } from '../payload.ts';
import { typed } from '../views/limits.ts';
import { noteView } from '../views/note-view.ts';
import { type Chosen, requestFormView } from '../views/request-modal-view.ts';
import { SAY } from '../views/sentences.ts';
import { answering, type Heard } from './heard.ts';
import { openForm } from './open-form.ts';

/** The global shortcut. */
export async function shortcut(desk: Desk, { body, ack }: Heard): Promise<void> {
  await ack();
  const { actor, triggerId } = readShortcut(body);
  await answering(desk, { user: actor.user, respond: undefined }, (speak) =>
    openForm(desk, { actor, triggerId, chosen: () => Promise.resolve({}) }, speak),
  );
}

/** The shortcut on a message: its address comes along as the ticket, its words do not. */
export async function messageShortcut(desk: Desk, { body, ack, respond }: Heard): Promise<void> {
  await ack();
  const { actor, triggerId, channel, ts } = readMessageShortcut(body);
  await answering(desk, { user: actor.user, respond }, (speak) =>
    openForm(desk, { actor, triggerId, chosen: async () => aboutMessage(desk.linkTo(channel, ts)) }, speak),
  );
}

function aboutMessage(link: string | undefined): Chosen {
  if (link === undefined) return {};
  return link.length <= typed.ticket ? { ticket: link } : { justification: link };
}

/**
 * A recent ask, pressed in the form. What stands in a field stays there as long as the field does, so the form gives way
 * to a note for a moment and comes back filled.
 */
export async function fillAgain(desk: Desk, { body, ack, respond }: Heard): Promise<void> {
  await ack();
  const { actor, value, place } = readClick(body);
  if (place.in !== 'view' || place.view.callback_id !== VIEWS.request || place.view.id === undefined) return;
  const { id: view_id, hash } = place.view;
  await answering(desk, { user: actor.user, respond }, async () => {
    const who = await desk.identities.identify(actor, { live: false });
    if (!who.ok) return;
    const { person } = who.value;
    const chosen = await asBefore(desk, value, person);
    const cleared = noteView(SAY.filling);
    await desk.client.views.update({ view_id, view: cleared, ...(hash === undefined ? {} : { hash }) });
    const policy = desk.policies.inForce();
    await desk.client.views.update({ view_id, view: requestFormView({ policy, person, chosen }) });
  });
}

/** A button that opens the form; with a request in its value, filled as that was. */
export async function openRequest(desk: Desk, { body, ack, respond }: Heard): Promise<void> {
  await ack();
  const { actor, triggerId, value } = readClick(body);
  await answering(desk, { user: actor.user, respond }, (speak) =>
    openForm(desk, { actor, triggerId, chosen: (person) => asBefore(desk, value, person) }, speak),
  );
}

/** Only the own request: a value is no authority to see another's words. */
async function asBefore(desk: Desk, value: string | undefined, id: PersonId): Promise<Chosen> {
  const about = parseValue(value);
  const seen = about?.kind === 'request' ? await desk.ledger.find(about.request) : undefined;
  if (seen === undefined || seen.value.request.requester.id !== id) return {};
  const { access, duration, subject, justification, ticket } = seen.value.request;
  return {
    resource: access.resource,
    role: access.role,
    duration,
    justification,
    ...(subject.kind === 'workload' ? { subject: nameOf(subject) } : {}),
    ...(ticket === undefined ? {} : { ticket }),
  };
}
