/** What happens when a person opens the app's Home tab or starts a global shortcut. */
import { actionFailure } from './clicks.ts';
import { notSent, outcomeOf } from './delivery.ts';
import type { Events } from './events.ts';
import type { Outcome } from './model.ts';
import type { Parts } from './parts.ts';
import { globalShortcut } from './payloads.ts';
import { directMessage, userOf } from './store.ts';
import { wireView } from './wire.ts';

/** `app_home_opened`, with the view the person has, if any. */
export function openHomeTab(parts: Parts, events: Events, userId: string): Promise<Outcome> {
  const { store } = parts;
  const user = userOf(store, userId);
  const view = parts.views.home(userId);
  return events.send({
    type: 'app_home_opened',
    user: user.id,
    channel: directMessage(store, userId).id,
    tab: 'home',
    ...(view ? { view: wireView(store.state, view) } : {}),
    event_ts: store.nextTs(),
  });
}

/** A shortcut from the lightning menu. */
export async function startShortcut(parts: Parts, userId: string, callbackId: string): Promise<Outcome> {
  const user = userOf(parts.store, userId);
  if (user.is_stranger || user.deleted || user.is_bot) return notSent('This person has no shortcuts of the app.');
  const known = parts.store.state.app.shortcuts.some((s) => s.callback_id === callbackId);
  if (!known) return notSent(`The app has no shortcut ${callbackId}.`);
  const triggerId = parts.triggers.issue(userId);
  const payload = globalShortcut(parts.store, { user, callbackId, triggerId });
  const answer = await parts.courier.send({ kind: 'shortcut', payload });
  const sentence = answer.error && actionFailure(answer.error, answer.status);
  if (sentence) parts.store.notice(userId, null, sentence);
  return outcomeOf(answer, sentence);
}
