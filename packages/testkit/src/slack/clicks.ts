/** What happens when a person presses something on a message or on an ephemeral. */
import type { Block, Element } from './blocks.ts';
import { notSent, outcomeOf } from './delivery.ts';
import type { Click } from './face.ts';
import { elementsOf, locate } from './locate.ts';
import { ephemeralAt, messageAt, put } from './messages.ts';
import type { Located, Outcome, User } from './model.ts';
import type { Parts } from './parts.ts';
import { blockActions, type Chosen, type Place } from './payloads.ts';
import { issueResponseUrl } from './response-urls.ts';
import { canSee, channelOf, userOf, WorkspaceRefusal } from './store.ts';
import { choose } from './values.ts';

/** Presses it and waits for the acknowledgement. */
export async function clickMessage(parts: Parts, userId: string, click: Click): Promise<Outcome> {
  const user = userOf(parts.store, userId);
  const place = placeOf(parts, user, click);
  const why = click.force ? undefined : mayNotPress(user, place);
  if (why) return notSent(why);
  const blocks = place.in === 'message' ? (place.message.blocks ?? []) : (place.ephemeral.blocks ?? []);
  const at = find(blocks, click);
  if (!at) return notSent(`There is no ${click.action_id} to press there. Offered: ${offeredIds(blocks)}`);
  const chosen = chosenBy(at.element, click.value ?? null, click.force ?? false);
  if ('why' in chosen) return notSent(chosen.why);
  return pressed(parts, user, remember(parts, user, place, at, chosen), at, chosen);
}

async function pressed(parts: Parts, user: User, place: MessagePlace, at: Located, chosen: Chosen): Promise<Outcome> {
  const { store } = parts;
  const ts = place.in === 'message' ? place.message.ts : place.ephemeral.ts;
  const source = { ts, ephemeral: place.in === 'ephemeral' };
  const responseUrl = `${parts.origin()}/response/${issueResponseUrl(store, { user: user.id, channel: place.channel.id, source })}`;
  const triggerId = parts.triggers.issue(user.id);
  const payload = blockActions(store, { user, place, at, chosen, triggerId, responseUrl });
  const answer = await parts.courier.send({ kind: 'block_actions', payload });
  const sentence = answer.error && actionFailure(answer.error, answer.status);
  if (sentence) store.notice(user.id, place.channel.id, sentence);
  return outcomeOf(answer, sentence);
}

type MessagePlace = Exclude<Place, { in: 'view' }>;

/** The message or ephemeral clicked, in the version the person still sees when `stale`. */
function placeOf(parts: Parts, user: User, click: Click): MessagePlace {
  const channel = channelOf(parts.store, click.channel);
  const ephemeral = ephemeralAt(parts.store, user.id, click.ts);
  if (ephemeral) return { in: 'ephemeral', ephemeral, channel };
  const message = messageAt(parts.store, click.channel, click.ts);
  if (!message) throw new WorkspaceRefusal(`there is no message ${click.ts} in ${click.channel}`);
  if (!click.stale) return { in: 'message', message, channel };
  const back = click.stale === true ? 1 : click.stale;
  const version = message.earlier.at(-back);
  if (!version) throw new WorkspaceRefusal(`message ${click.ts} has no version ${back} back`);
  const { blocks: _, ...rest } = message;
  return { in: 'message', message: { ...rest, ...version }, channel };
}

/** A button, or the element that offers the wanted option. */
function find(blocks: readonly Block[], click: Click): Located | undefined {
  return locate(blocks, { action_id: click.action_id, block_id: click.block_id, value: click.value });
}

function chosenBy(element: Element, value: string | null, force: boolean): Chosen | { why: string } {
  if (element.type === 'button') return { kind: 'button' };
  if (element.type === 'overflow') {
    const option = element.options.find((o) => o.value === value);
    return option ? { kind: 'menu', option } : { why: `"${value}" is not in that menu` };
  }
  const state = choose(element, value, [], force);
  return state.ok ? { kind: 'state', value: state.value } : { why: state.why };
}

/** Keeps the new state of a stateful element with the message, per person. */
function remember(parts: Parts, user: User, place: MessagePlace, at: Located, chosen: Chosen): MessagePlace {
  if (place.in !== 'message' || chosen.kind !== 'state') return place;
  const mine = place.message.values?.[user.id] ?? {};
  const block = { ...mine[at.block_id], [at.element.action_id ?? '']: chosen.value };
  const values = { ...place.message.values, [user.id]: { ...mine, [at.block_id]: block } };
  const message = { ...place.message, values };
  put(parts.store, message);
  return { ...place, message };
}

function mayNotPress(user: User, place: MessagePlace): string | undefined {
  if (user.deleted) return 'This account is deactivated (force: true presses anyway).';
  if (user.is_bot) return 'A bot cannot press buttons (force: true presses anyway).';
  if (!canSee(user, place.channel)) return 'This person does not see that channel (force: true presses anyway).';
  return undefined;
}

/** What a person sees when an app does not answer a press. */
export function actionFailure(error: string, status: number | null): string {
  if (error === 'operation_timeout') return 'The app did not respond in time (operation_timeout).';
  if (status === null) return 'The app could not be reached (dispatch_failed).';
  return `This app responded with Status Code ${status}.`;
}

function offeredIds(blocks: readonly Block[]): string {
  return (
    elementsOf(blocks)
      .map((e) => e.element.action_id)
      .join(', ') || 'nothing'
  );
}
