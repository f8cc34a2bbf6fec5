/** The other ways to the form: the shortcut, the Home's button, "Request again". */
import { nameOf, type PersonId } from '@sallyport/core';
import { parseValue } from '../action-ids.ts';
import type { Desk } from '../desk.ts';
import { readClick, readShortcut } from '../payload.ts';
import type { Chosen } from '../views/request-modal-view.ts';
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
