/** Owns reading what Slack sends: the members we use, tolerant of absent ones, and who acts by them. Behind this nothing is unknown. */
import { sha256Hex } from '@sallyport/platform';
import { z } from 'zod';
import type { Actor } from './identity.ts';

const id = z.string().min(1).max(200);
const optionalId = id.nullish().transform((given) => given ?? undefined);
const flag = z
  .union([z.boolean(), z.string()])
  .nullish()
  .transform((given) => given === true || given === 'true');
const text = z
  .string()
  .nullish()
  .transform((given) => given ?? undefined);

const user = z.object({ id, team_id: optionalId });
const team = z
  .object({ id: optionalId })
  .nullish()
  .transform((given) => given?.id);

const fieldState = z.object({
  value: text,
  selected_option: z
    .object({ value: text })
    .nullish()
    .transform((given) => given?.value),
  selected_options: z
    .array(z.object({ value: id }))
    .max(100)
    .nullish()
    .transform((given) => given?.map((one) => one.value) ?? []),
  // Seconds since 1970, as a number.
  selected_date_time: z
    .number()
    .nullish()
    .transform((given) => (given === null || given === undefined ? undefined : String(given))),
});
const values = z
  .record(z.string(), z.record(z.string(), fieldState))
  .nullish()
  .transform((given) => given ?? {});

const view = z.object({
  id: optionalId,
  hash: optionalId,
  type: text,
  callback_id: text,
  private_metadata: text,
  state: z
    .object({ values })
    .nullish()
    .transform((given) => given?.values ?? {}),
});
export type SeenView = z.output<typeof view>;

const interaction = {
  user,
  team,
  is_enterprise_install: flag,
  trigger_id: optionalId,
};

const actionBody = z.object({
  ...interaction,
  response_url: text,
  container: z
    .object({ type: text, channel_id: optionalId, message_ts: optionalId, view_id: optionalId })
    .nullish()
    .transform((given) => given ?? undefined),
  channel: team,
  message: z
    .object({ ts: optionalId })
    .nullish()
    .transform((given) => given?.ts),
  view: view.nullish().transform((given) => given ?? undefined),
  actions: z
    .array(z.object({ action_id: id, value: text, action_ts: optionalId, block_id: optionalId }))
    .min(1)
    .max(10),
});

const viewBody = z.object({ ...interaction, view });
const optionsBody = z.object({ ...interaction, value: text });
const shortcutBody = z.object(interaction);
const messageShortcutBody = z.object({ ...interaction, channel: z.object({ id }), message_ts: id });
const commandBody = z.object({
  user_id: id,
  team_id: id,
  is_enterprise_install: flag,
  trigger_id: optionalId,
  response_url: text,
  channel_id: optionalId,
  text: z
    .string()
    .nullish()
    .transform((given) => given ?? ''),
});
const homeBody = z.object({
  team_id: id,
  event: z.object({ user: id, tab: text }),
});
const userChangeBody = z.object({
  team_id: id,
  event: z.object({ user: z.object({ id, team_id: optionalId, deleted: flag }) }),
});
const tokensRevokedBody = z.object({
  event: z.object({ tokens: z.object({ bot: z.array(z.string()).nullish() }).nullish() }),
});

/** Where a click came from. */
export type ClickPlace =
  | { readonly in: 'message'; readonly channel: string; readonly ts: string }
  | { readonly in: 'view'; readonly view: SeenView }
  | { readonly in: 'nowhere' };

export interface SeenClick {
  readonly actor: Actor;
  readonly place: ClickPlace;
  readonly actionId: string;
  readonly value: string | undefined;
  readonly triggerId: string | undefined;
  /** Hash of everything that makes this one press of this one button. */
  readonly onceKey: string | undefined;
}

export interface SeenSubmission {
  readonly actor: Actor;
  readonly view: SeenView;
  readonly triggerId: string | undefined;
}

export interface SeenCommand {
  readonly actor: Actor;
  readonly text: string;
  readonly triggerId: string | undefined;
}

/** A press on a button or another element. Throws for a body that is none. */
export function readClick(body: unknown): SeenClick {
  const seen = actionBody.parse(body);
  const [action] = seen.actions;
  if (action === undefined) throw new Error('an action without an action');
  const place = placeOf(seen);
  const actor = actorOf(seen);
  const once = action.action_ts ?? seen.trigger_id;
  return {
    actor,
    place,
    actionId: action.action_id,
    value: action.value,
    triggerId: seen.trigger_id,
    onceKey:
      once === undefined
        ? undefined
        : hash([actor.team, actor.user, placeName(place), action.action_id, action.value ?? '', once]),
  };
}

/** A form that was sent. */
export function readSubmission(body: unknown): SeenSubmission {
  const seen = viewBody.parse(body);
  return { actor: actorOf(seen), view: seen.view, triggerId: seen.trigger_id };
}

/** A search in a list. */
export function readSearch(body: unknown): { readonly actor: Actor; readonly typed: string } {
  const seen = optionsBody.parse(body);
  return { actor: actorOf(seen), typed: seen.value ?? '' };
}

/** The shortcut. */
export function readShortcut(body: unknown): { readonly actor: Actor; readonly triggerId: string | undefined } {
  const seen = shortcutBody.parse(body);
  return { actor: actorOf(seen), triggerId: seen.trigger_id };
}

/** The shortcut on a message. Its words are not read. */
export function readMessageShortcut(body: unknown): {
  readonly actor: Actor;
  readonly triggerId: string | undefined;
  readonly channel: string;
  readonly ts: string;
} {
  const seen = messageShortcutBody.parse(body);
  return { actor: actorOf(seen), triggerId: seen.trigger_id, channel: seen.channel.id, ts: seen.message_ts };
}

/** The command. */
export function readCommand(body: unknown): SeenCommand {
  const seen = commandBody.parse(body);
  return {
    actor: {
      team: seen.team_id,
      user: seen.user_id,
      payloadTeam: seen.team_id,
      enterpriseInstall: seen.is_enterprise_install,
    },
    text: seen.text,
    triggerId: seen.trigger_id,
  };
}

/** `app_home_opened`: the event names no team of the person; Slack's own facts about them do. */
export function readHomeOpened(body: unknown): { readonly actor: Actor; readonly tab: string | undefined } {
  const { team_id, event } = homeBody.parse(body);
  return {
    actor: { team: team_id, user: event.user, payloadTeam: team_id, enterpriseInstall: false },
    tab: event.tab,
  };
}

/** `user_change`: whose facts are old now, and whether the account is deactivated. */
export function readUserChange(body: unknown): { readonly actor: Actor; readonly deleted: boolean } {
  const { team_id, event } = userChangeBody.parse(body);
  const { id: user, team_id: team = team_id, deleted } = event.user;
  return { actor: { team, user, payloadTeam: team_id, enterpriseInstall: false }, deleted };
}

/** `tokens_revoked`: whether the bot's is among them. Where Slack does not say whose, it is. */
export function readTokensRevoked(body: unknown): boolean {
  const { tokens } = tokensRevokedBody.parse(body).event;
  return tokens === undefined || tokens === null || (tokens.bot ?? []).length > 0;
}

/** What stands in a field: block id and action id are the same by contract; another action id in the block will do. */
export function fieldOf(seen: SeenView, field: string): string | undefined {
  const block = seen.state[field];
  if (block === undefined) return undefined;
  const state = block[field] ?? Object.values(block)[0];
  return state?.selected_option ?? state?.selected_date_time ?? state?.value;
}

/** What is ticked in a field of several. */
export function chosenOf(seen: SeenView, field: string): readonly string[] {
  return seen.state[field]?.[field]?.selected_options ?? [];
}

/** Ids of the blocks whose state was sent: an error may name only these. */
export function blocksOf(seen: SeenView): readonly string[] {
  return Object.keys(seen.state);
}

function actorOf(seen: {
  readonly user: { readonly id: string; readonly team_id: string | undefined };
  readonly team: string | undefined;
  readonly is_enterprise_install: boolean;
}): Actor {
  const payloadTeam = seen.team ?? seen.user.team_id ?? '';
  return {
    user: seen.user.id,
    team: seen.user.team_id ?? payloadTeam,
    payloadTeam,
    enterpriseInstall: seen.is_enterprise_install,
  };
}

function placeOf(seen: z.output<typeof actionBody>): ClickPlace {
  if (seen.view !== undefined) return { in: 'view', view: seen.view };
  const channel = seen.container?.channel_id ?? seen.channel;
  const ts = seen.container?.message_ts ?? seen.message;
  return channel === undefined || ts === undefined ? { in: 'nowhere' } : { in: 'message', channel, ts };
}

function placeName(place: ClickPlace): string {
  if (place.in === 'message') return `${place.channel} ${place.ts}`;
  return place.in === 'view' ? (place.view.id ?? '') : '';
}

function hash(parts: readonly string[]): string {
  return sha256Hex(JSON.stringify(parts));
}
