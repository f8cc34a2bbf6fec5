/** Owns opening the request form: at once if we know who it is, else a waiting view that becomes the form. */

import type { PersonId } from '@sallyport/core';
import { withDeadline } from '@sallyport/platform';
import { type Desk, note } from '../desk.ts';
import type { Actor } from '../identity.ts';
import { nearest, requestables } from '../requestable.ts';
import type { Speak } from '../speak.ts';
import type { ModalView } from '../views/blocks.ts';
import { noSuchResource } from '../views/form-words.ts';
import { noteView } from '../views/note-view.ts';
import { type Chosen, requestFormView } from '../views/request-modal-view.ts';
import type { Sentence } from '../views/sentence.ts';
import { SAY, sentenceFor } from '../views/sentences.ts';
import { offered, recentAsks } from './recent-asks.ts';

export interface OpenForm {
  readonly actor: Actor;
  readonly triggerId: string | undefined;
  readonly chosen: (person: PersonId) => Promise<Chosen>;
}

/** A trigger lives 3 s: what is not known after this long is looked up behind an open view. */
const KNOWN_MS = 400;

type Ready = { readonly kind: 'form'; readonly view: ModalView } | { readonly kind: 'no'; readonly sentence: Sentence };

/** Opens the form, or says why not. */
export async function openForm(desk: Desk, open: OpenForm, speak: Speak): Promise<void> {
  const { triggerId } = open;
  if (triggerId === undefined) return speak(SAY.modalTooLate);
  const preparing = prepare(desk, open);
  const ready = await withDeadline(preparing, KNOWN_MS, 'who it is').catch(orLate(preparing));
  if (ready === 'late') return openWaiting(desk, triggerId, preparing, speak);
  if (ready.kind === 'no') return speak(ready.sentence);
  await opened(desk, triggerId, ready.view, speak);
}

/** Only lateness is waited for; what the work itself threw is a fault. */
function orLate(preparing: Promise<Ready>): () => Promise<Ready | 'late'> {
  return () => Promise.race([preparing, Promise.resolve('late' as const)]);
}

async function prepare(desk: Desk, { actor, chosen }: OpenForm): Promise<Ready> {
  const who = await desk.identities.identify(actor, { live: false });
  if (!who.ok) {
    await note(desk, who.error, actor, { attempted: 'open' });
    return { kind: 'no', sentence: sentenceFor(who.error, { account: actor }) };
  }
  const { person } = who.value;
  const policy = desk.policies.inForce();
  const choice = await chosen(person);
  const all = requestables(policy, person);
  if (choice.resource !== undefined && all.length > 0 && !all.some((one) => one.resource.id === choice.resource)) {
    return { kind: 'no', sentence: noSuchResource(choice.resource, nearest(all, choice.resource)) };
  }
  const isFresh = Object.keys(choice).length === 0;
  const recent = isFresh ? offered(await recentAsks(desk, policy, person)) : [];
  return { kind: 'form', view: requestFormView({ policy, person, chosen: choice, recent }) };
}

async function openWaiting(desk: Desk, triggerId: string, preparing: Promise<Ready>, speak: Speak): Promise<void> {
  const id = await opened(desk, triggerId, noteView(SAY.checking), speak);
  const ready = await preparing;
  if (id === undefined) return;
  try {
    const view = ready.kind === 'form' ? ready.view : noteView(ready.sentence);
    await desk.client.views.update({ view_id: id, view });
  } catch (err) {
    desk.logger.warn('slack.form_not_updated', { err });
    await speak(ready.kind === 'no' ? ready.sentence : SAY.modalTooLate);
  }
}

/** Opens a view. Returns its id; says so when Slack did not take it. */
async function opened(desk: Desk, triggerId: string, view: ModalView, speak: Speak): Promise<string | undefined> {
  try {
    return (await desk.client.views.open({ trigger_id: triggerId, view })).view?.id;
  } catch (err) {
    desk.logger.warn('slack.form_not_opened', { err });
    await speak(SAY.modalTooLate);
    return undefined;
  }
}
