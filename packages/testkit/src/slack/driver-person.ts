/** One person at the keyboard: types, chooses, clicks, reads. */
import type { Block } from './blocks.ts';
import type { Remote } from './driver-remote.ts';
import {
  buttonsIn,
  type SeenButton,
  type SeenMessage,
  type SeenModal,
  seenMessage,
  seenModal,
  sees,
} from './driver-seen.ts';
import type { Suggested } from './face.ts';
import type { Notice, Outcome } from './model.ts';
import { plainText } from './text.ts';

export interface ClickHow {
  channel?: string;
  /** Part of the button's value, e.g. a request id. */
  request?: string;
  ts?: string;
  stale?: boolean | number;
  force?: boolean;
}

export interface PersonDriver {
  readonly id: string;
  /** A line in the composer; without a channel, in the direct message with the app. */
  types(text: string, how?: { channel?: string; force?: boolean }): Promise<Outcome>;
  modal(): Promise<SeenModal | undefined>;
  /** Chooses or types one value where it may dispatch, as a person would. */
  chooses(field: string, value: string | null, how?: { force?: boolean }): Promise<Outcome>;
  /** Several fields of the modal, in this order. Throws at the first that cannot be filled. */
  fills(values: Record<string, string | null>): Promise<void>;
  searches(field: string, query: string): Promise<Suggested>;
  submits(values?: Record<string, string | null>, how?: { view_id?: string; force?: boolean }): Promise<Outcome>;
  closes(how?: { all?: boolean }): Promise<Outcome>;
  /** Presses the newest button of that action_id this person sees: messages and ephemerals, then modal, then Home. */
  clicks(actionId: string, how?: ClickHow): Promise<Outcome>;
  clicksInModal(actionId: string, value?: string): Promise<Outcome>;
  clicksAtHome(actionId: string, value?: string): Promise<Outcome>;
  opensHome(): Promise<Outcome>;
  shortcut(callbackId: string): Promise<Outcome>;
  /** A shortcut on a message. */
  shortcutOn(message: { channel: string; ts: string }, callbackId: string): Promise<Outcome>;
  /** Direct messages with the app, oldest first. */
  dms(): Promise<SeenMessage[]>;
  ephemerals(): Promise<SeenMessage[]>;
  home(): Promise<{ reads: string; buttons: SeenButton[]; blocks: Block[] } | undefined>;
  notices(): Promise<Notice[]>;
}

/** The person with this id, in the workspace behind the remote. */
export function personDriver(remote: Remote, id: string): PersonDriver {
  const view = async (actionId: string, value: string | null | undefined, surface: 'modal' | 'home', force?: boolean) =>
    outcome(await remote.call('view-action', { user: id, surface, action_id: actionId, value, force }));

  const visible = async (): Promise<SeenMessage[]> => {
    const snapshot = await remote.read();
    const { state } = snapshot;
    const mine = Object.values(state.channels).filter((channel) => sees(snapshot, id, channel));
    const messages = mine.flatMap((channel) => state.messages[channel.id] ?? []);
    return [...messages, ...(state.ephemerals[id] ?? [])]
      .map((message) => seenMessage(snapshot, message))
      .sort((a, b) => Number(b.ts) - Number(a.ts));
  };

  const everywhere = async (): Promise<SeenMessage[]> => {
    const snapshot = await remote.read();
    const all = Object.values(snapshot.state.messages).flat();
    return all.map((message) => seenMessage(snapshot, message)).sort((a, b) => Number(b.ts) - Number(a.ts));
  };

  return {
    id,
    types: async (text, how = {}) => outcome(await remote.call('command', { user: id, text, ...how })),
    async modal() {
      const snapshot = await remote.read();
      const stack = snapshot.state.views[id] ?? [];
      const top = stack.at(-1);
      return top && seenModal(snapshot, top, stack.length);
    },
    chooses: (field, value, how = {}) => view(field, value, 'modal', how.force),
    async fills(values) {
      for (const [field, value] of Object.entries(values)) {
        const done = await view(field, value, 'modal');
        if (done.user_error) throw new Error(`${id} cannot fill ${field}: ${done.user_error}`);
      }
    },
    searches: async (field, query) =>
      (await remote.call('suggest', { user: id, action_id: field, query })) as Suggested,
    submits: async (values = {}, how = {}) => outcome(await remote.call('submit', { user: id, values, ...how })),
    closes: async (how = {}) => outcome(await remote.call('close', { user: id, ...how })),
    async clicks(actionId, how = {}) {
      const seen = how.force ? await everywhere() : await visible();
      const place =
        seen.find((message) => fits(message, actionId, how)) ?? (await staleHolder(remote, seen, actionId, how));
      if (!place) {
        const offered = seen.flatMap((m) => m.buttons.map((b) => b.action_id));
        throw new Error(
          `${id} sees no ${actionId} ${JSON.stringify(how)}. Seen: ${[...new Set(offered)].join(', ') || 'no buttons'}`,
        );
      }
      const button = place.buttons.find((b) => b.action_id === actionId && holds(b, how.request));
      const { channel, ts } = place;
      const value = how.stale ? undefined : button?.value;
      const { stale, force } = how;
      return outcome(await remote.call('click', { user: id, channel, ts, action_id: actionId, value, stale, force }));
    },
    clicksInModal: (actionId, value) => view(actionId, value, 'modal'),
    clicksAtHome: (actionId, value) => view(actionId, value, 'home'),
    opensHome: async () => outcome(await remote.call('home', { user: id })),
    shortcutOn: async ({ channel, ts }, callbackId) =>
      outcome(await remote.call('message-shortcut', { user: id, callback_id: callbackId, channel, ts })),
    shortcut: async (callbackId) => outcome(await remote.call('shortcut', { user: id, callback_id: callbackId })),
    async dms() {
      const snapshot = await remote.read();
      const mine = Object.values(snapshot.state.channels).filter((c) => c.kind === 'im' && c.members.includes(id));
      const messages = mine.flatMap((channel) => snapshot.state.messages[channel.id] ?? []);
      return messages.map((message) => seenMessage(snapshot, message));
    },
    async ephemerals() {
      const snapshot = await remote.read();
      return (snapshot.state.ephemerals[id] ?? []).map((ephemeral) => seenMessage(snapshot, ephemeral));
    },
    async home() {
      const { state } = await remote.read();
      const home = state.homes[id];
      return home && { reads: plainText(home.blocks, state), buttons: buttonsIn(home.blocks), blocks: home.blocks };
    },
    notices: async () => (await remote.read()).state.notices[id] ?? [],
  };
}

/** With `stale`: the newest message whose earlier version had the button, even if it has none now. */
async function staleHolder(
  remote: Remote,
  seen: readonly SeenMessage[],
  actionId: string,
  how: ClickHow,
): Promise<SeenMessage | undefined> {
  if (!how.stale) return undefined;
  const { state } = await remote.read();
  const back = how.stale === true ? 1 : how.stale;
  return seen.find((message) => {
    if (how.channel !== undefined && message.channel !== how.channel) return false;
    if (how.ts !== undefined && message.ts !== how.ts) return false;
    const stored = state.messages[message.channel]?.find((m) => m.ts === message.ts);
    const buttons = buttonsIn(stored?.earlier.at(-back)?.blocks ?? []);
    return buttons.some((b) => b.action_id === actionId && holds(b, how.request));
  });
}

function fits(message: SeenMessage, actionId: string, how: ClickHow): boolean {
  if (how.stale) return false;
  if (how.channel !== undefined && message.channel !== how.channel) return false;
  if (how.ts !== undefined && message.ts !== how.ts) return false;
  return message.buttons.some((b) => b.action_id === actionId && holds(b, how.request));
}

const holds = (button: SeenButton, part: string | undefined): boolean =>
  part === undefined || (button.value ?? '').includes(part);

const outcome = (answer: unknown): Outcome => answer as Outcome;
