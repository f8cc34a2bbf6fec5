/** Owns bringing one message up to date: claim, look for a lost one, post or update, remember. The newest version wins. */
import { bring } from './bring.ts';
import { type DeliverDeps, type Delivered, type DeliverJob, HELD, type Place } from './delivered.ts';
import type { PlannedMessage } from './plan.ts';
import { type SlackFailure, slackFailure } from './slack-error.ts';
import type { Claim, SlackMessages, StoredMessage } from './stores.ts';
import { makeTurns, type Turns } from './turns.ts';

export type Deliver = (job: DeliverJob) => Promise<Delivered>;

/** Moments of drawing kept; a forgotten one costs an update too many. */
const DRAWN_MAX = 20_000;
/** The first wait after an unknown outcome; the caller lengthens it. */
const UNKNOWN_MS = 1_000;
/** The channel takes no card: archived, left, gone, closed to us. */
const UNUSABLE = new Set([
  'channel_not_found',
  'is_archived',
  // What an archived channel answers to chat.update.
  'is_inactive',
  'not_in_channel',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_only_channel',
  'team_access_not_granted',
  'ekm_access_denied',
]);

/** Builds the delivery of one message. */
export function makeDeliver(deps: DeliverDeps): Deliver {
  const drawnAt = new Map<string, number>();
  const turns = makeTurns(deps.messages, deps.slotMs === undefined ? {} : { slotMs: deps.slotMs });
  const isFresh = ({ planned, drawnSince }: DeliverJob): boolean =>
    drawnSince === undefined || (drawnAt.get(planned.key) ?? Number.NEGATIVE_INFINITY) >= drawnSince;
  const remember = (key: string, atMs: number): void => {
    if (drawnAt.size >= DRAWN_MAX) drawnAt.clear();
    drawnAt.set(key, atMs);
  };
  return async (job) => {
    const done = alreadyDone(job, isFresh(job));
    if (done !== undefined) return done;
    if (job.planned.destination.to === 'thread' && job.card === undefined) return { kind: 'dropped' };
    const claim = await deps.messages.claim(job.planned.key, job.requestId);
    if (claim === undefined) return HELD;
    const fresh = { ...job, stored: claim.message };
    const known = alreadyDone(fresh, isFresh(job));
    if (known !== undefined) return settle(deps.messages, claim, job.version, known);
    // Somebody else found meanwhile that the channel refuses, and the card goes elsewhere: planned anew.
    if (claim.message.refusedBy !== job.stored?.refusedBy) return settle(deps.messages, claim, job.version, HELD);
    const startedMs = performance.now();
    const outcome = await tried({ ...deps, turns }, fresh, claim);
    if (outcome.kind === 'shown') remember(job.planned.key, startedMs);
    return settle(deps.messages, claim, job.version, outcome);
  };
}

/** What needs no call: this version, a newer one, or one that never changes, is shown. */
function alreadyDone({ planned, stored, version }: DeliverJob, isFresh: boolean): Delivered | undefined {
  if (stored === undefined) return undefined;
  const place = placeOf(stored);
  if (planned.once && place !== undefined) return { kind: 'shown', place };
  const upToDate = stored.shownVersion > version || (stored.shownVersion === version && isFresh);
  if (!upToDate) return undefined;
  return place === undefined ? { kind: 'dropped' } : { kind: 'shown', place };
}

async function tried(deps: DeliverDeps & { readonly turns: Turns }, job: DeliverJob, claim: Claim): Promise<Delivered> {
  let channel: string | undefined;
  try {
    channel = await channelFor(deps, job, claim.message);
    if (isElsewhere(job, claim.message, channel)) {
      // Its person has another account now: what stands in the old one's messages is not theirs any more.
      await deps.messages.forget(claim);
      return HELD;
    }
    const wait = await deps.turns.take(channel, job.planned.key);
    if (wait > 0) return { kind: 'later', ms: wait, failed: false };
    return await bring(deps, job, claim, channel);
  } catch (thrown) {
    const failure = slackFailure(thrown);
    // Refused is not done: only an answer that never came is looked for.
    if (failure.kind === 'refused' && isUnborn(claim.message)) await deps.messages.forget(claim);
    return judged(deps, job, channel, failure, thrown);
  }
}

function isElsewhere({ planned }: DeliverJob, stored: StoredMessage, channel: string): boolean {
  return planned.destination.to === 'person' && stored.ts !== undefined && stored.channel !== channel;
}

function isUnborn({ ts, attemptedAt }: StoredMessage): boolean {
  return ts === undefined && attemptedAt === undefined;
}

async function channelFor(
  { places }: DeliverDeps,
  { planned, card }: DeliverJob,
  stored: StoredMessage,
): Promise<string> {
  const { destination } = planned;
  if (destination.to === 'person') return places.directMessage(destination.user);
  if (stored.ts !== undefined && stored.channel !== undefined) return stored.channel;
  if (destination.to === 'channel') return destination.channel;
  if (card === undefined) throw new Error('a thread without its card');
  return card.channel;
}

async function judged(
  deps: DeliverDeps,
  { planned }: DeliverJob,
  channel: string | undefined,
  failure: SlackFailure,
  thrown: unknown,
): Promise<Delivered> {
  switch (failure.kind) {
    case 'rate_limited':
      if (channel !== undefined) await deps.messages.hold(channel, failure.afterMs);
      return { kind: 'later', ms: failure.afterMs, failed: false };
    case 'dead_token':
      return { kind: 'dead_token', code: failure.code };
    case 'refused':
      return refused(deps, planned, channel, failure.code);
    case 'unknown':
      deps.logger.warn('slack.delivery_unknown', { key: planned.key, err: thrown });
      return { kind: 'later', ms: UNKNOWN_MS, failed: true };
  }
}

function refused(
  deps: DeliverDeps,
  { destination, key }: PlannedMessage,
  channel: string | undefined,
  code: string,
): Delivered {
  if (destination.to === 'channel' && channel !== undefined && UNUSABLE.has(code)) {
    return { kind: 'unusable', channel, code };
  }
  // A direct message that cannot be, or a reply to a card that is gone: others go on.
  if (destination.to !== 'channel') {
    deps.logger.warn('slack.message_dropped', { key, code });
    return { kind: 'dropped' };
  }
  deps.logger.error('slack.delivery_refused', { key, code });
  return { kind: 'later', ms: UNKNOWN_MS, failed: true };
}

/** Remembers what came of it. Somebody else's claim in between: they know better, so once more. */
async function settle(messages: SlackMessages, claim: Claim, version: number, outcome: Delivered): Promise<Delivered> {
  if (outcome.kind === 'shown') return (await messages.shown(claim, { ...outcome.place, version })) ? outcome : HELD;
  await messages.release(claim);
  return outcome;
}

function placeOf({ channel, ts }: StoredMessage): Place | undefined {
  return channel === undefined || ts === undefined ? undefined : { channel, ts };
}
