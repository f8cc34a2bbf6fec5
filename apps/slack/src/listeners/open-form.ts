/** Owns opening the request form: at once if we know who it is, else a waiting view that becomes the form. */
import type { PersonId, RefusalOf } from '@sallyport/core';
import { withDeadline } from '@sallyport/platform';
import { type Desk, note } from '../desk.ts';
import type { Actor } from '../identity.ts';
import { nearest, requestables } from '../requestable.ts';
import type { Speak } from '../speak.ts';
import type { Button, ModalView } from '../views/blocks.ts';
import { noSuchResource } from '../views/form-words.ts';
import { noteView } from '../views/note-view.ts';
import { type Chosen, requestFormView } from '../views/request-modal-view.ts';
import type { Sentence } from '../views/sentence.ts';
import { SAY } from '../views/sentences.ts';
import { sayWhoNot } from './connect.ts';
import { offered, recentAsks } from './recent-asks.ts';

export interface OpenForm {
  readonly actor: Actor;
  readonly triggerId: string | undefined;
  readonly chosen: (person: PersonId) => Promise<Chosen>;
}

/** A trigger lives 3 s: what is not known after this long is looked up behind an open view. */
const KNOWN_MS = 400;

type Ready =
  | { readonly kind: 'form'; readonly view: ModalView }
  | { readonly kind: 'no'; readonly sentence: Sentence }
  | { readonly kind: 'unknown'; readonly refusal: RefusalOf<'identity_rejected'> };

/** Opens the form, or says why not. */
export async function openForm(desk: Desk, open: OpenForm, speak: Speak): Promise<void> {
  const { triggerId } = open;
  if (triggerId === undefined) return speak(SAY.modalTooLate);
  const preparing = prepare(desk, open);
  const ready = await withDeadline(preparing, KNOWN_MS, 'who it is').catch(orLate(preparing));
  if (ready === 'late') return openWaiting(desk, { ...open, triggerId }, preparing, speak);
  if (ready.kind === 'unknown') return sayWhoNot(desk, ready.refusal, open.actor, speak);
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
    return { kind: 'unknown', refusal: who.error };
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

async function openWaiting(
  desk: Desk,
  { actor, triggerId }: OpenForm & { readonly triggerId: string },
  preparing: Promise<Ready>,
  speak: Speak,
): Promise<void> {
  const id = await opened(desk, triggerId, noteView(SAY.checking), speak);
  const ready = await preparing;
  if (id === undefined) return;
  const becomes = async (view: ModalView, otherwise: Sentence, buttons: readonly Button[] = []): Promise<void> => {
    try {
      await desk.client.views.update({ view_id: id, view });
    } catch (err) {
      desk.logger.warn('slack.form_not_updated', { err });
      await speak(otherwise, buttons);
    }
  };
  if (ready.kind === 'form') return becomes(ready.view, SAY.modalTooLate);
  if (ready.kind === 'no') return becomes(noteView(ready.sentence), ready.sentence);
  await sayWhoNot(desk, ready.refusal, actor, (sentence, buttons = []) =>
    becomes(noteView(sentence, { now: desk.now(), buttons }), sentence, buttons),
  );
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
