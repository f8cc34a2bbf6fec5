/** What happens when a person opens the app's Home tab or starts a shortcut, global or on a message. */
import { actionFailure } from './clicks.ts';
import { notSent, outcomeOf } from './delivery.ts';
import type { Events } from './events.ts';
import { stateOf, storeOf } from './installs.ts';
import { messageAt } from './messages.ts';
import type { Outcome } from './model.ts';
import type { Parts } from './parts.ts';
import { globalShortcut, messageShortcut } from './payloads.ts';
import { issueResponseUrl } from './response-urls.ts';
import { canSee, channelOf, directMessage, userOf, WorkspaceRefusal } from './store.ts';
import { wireView } from './wire.ts';

/** `app_home_opened`, with the view the person has, if any. */
export function openHomeTab(parts: Parts, events: Events, userId: string): Promise<Outcome> {
  const { store } = parts;
  const user = userOf(store, userId);
  const view = parts.views.home(userId);
  const opened = {
    type: 'app_home_opened',
    user: user.id,
    channel: directMessage(storeOf(store, user.team_id), userId).id,
    tab: 'home',
    ...(view ? { view: wireView(stateOf(store.state, user.team_id), view) } : {}),
    event_ts: store.nextTs(),
  };
  return events.send(opened, undefined, user.team_id);
}

/** A shortcut from the lightning menu. */
export async function startShortcut(parts: Parts, userId: string, callbackId: string): Promise<Outcome> {
  const user = userOf(parts.store, userId);
  if (user.is_stranger || user.deleted || user.is_bot) return notSent('This person has no shortcuts of the app.');
  if (!has(parts, callbackId, 'global')) return notSent(`The app has no shortcut ${callbackId}.`);
  const triggerId = parts.triggers.issue(userId);
  const payload = globalShortcut(parts.store, { user, callbackId, triggerId });
  return sent(parts, userId, null, payload);
}

/** A shortcut on a message this person sees. */
export async function startMessageShortcut(
  parts: Parts,
  userId: string,
  on: { callback_id: string; channel: string; ts: string },
): Promise<Outcome> {
  const { store } = parts;
  const user = userOf(store, userId);
  const channel = channelOf(store, on.channel);
  const message = messageAt(store, on.channel, on.ts);
  if (!message) throw new WorkspaceRefusal(`there is no message ${on.ts} in ${on.channel}`);
  if (user.is_stranger || user.deleted || user.is_bot || !canSee(user, channel)) {
    return notSent('This person has no shortcuts of the app there.');
  }
  if (!has(parts, on.callback_id, 'message')) return notSent(`The app has no message shortcut ${on.callback_id}.`);
  const source = { ts: on.ts, ephemeral: false };
  const responseUrl = `${parts.origin()}/response/${issueResponseUrl(store, { user: userId, channel: on.channel, source })}`;
  const triggerId = parts.triggers.issue(userId);
  const about = { user, channel, message, callbackId: on.callback_id, triggerId, responseUrl };
  return sent(parts, userId, on.channel, messageShortcut(store, about));
}

function has(parts: Parts, callbackId: string, type: 'global' | 'message'): boolean {
  return parts.store.state.app.shortcuts.some((s) => s.callback_id === callbackId && (s.type ?? 'global') === type);
}

async function sent(
  parts: Parts,
  userId: string,
  channel: string | null,
  payload: Record<string, unknown>,
): Promise<Outcome> {
  const answer = await parts.courier.send({ kind: 'shortcut', payload });
  const sentence = answer.error && actionFailure(answer.error, answer.status);
  if (sentence) parts.store.notice(userId, channel, sentence);
  return outcomeOf(answer, sentence);
}
