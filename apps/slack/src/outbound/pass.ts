/** Owns one pass over a request: read it as it is now, plan its messages, deliver them in order. */
import type { Facts, Ledger, Questions, RequestId } from '@sallyport/core';
import type { Logger } from '@sallyport/platform';
import type { PageOf } from '../pages.ts';
import { type Drawn, phaseOf } from '../views/phase.ts';
import type { Deliver } from './deliver.ts';
import type { Place } from './delivered.ts';
import { channelOf, type Flood, floodOf } from './flood.ts';
import { withHistory } from './history.ts';
import { messageKey } from './message-key.ts';
import { type Notice, nextLook, noticesOf } from './notices.ts';
import type { Places } from './places.ts';
import { planMessages } from './plan.ts';
import type { SlackDigests, SlackMessages, SlackNudges, SlackWakes, StoredMessage } from './stores.ts';

export type PassOutcome =
  /** All is shown as it was at this version; `drawn` absent: there is no such request; `also`: to be looked at next. */
  | { readonly kind: 'done'; readonly drawn?: Drawn; readonly also?: readonly RequestId[] }
  /** `drawnSince`: what was not drawn since then is still to be drawn, although its version was shown. */
  | {
      readonly kind: 'later';
      readonly ms: number;
      readonly failed: boolean;
      readonly drawnSince: number | undefined;
      readonly drawn: Drawn;
    }
  | { readonly kind: 'dead_token'; readonly code: string };

export interface PassDeps {
  readonly ledger: Pick<Ledger, 'find' | 'uses' | 'crowdOf' | 'mine'>;
  readonly questions: Pick<Questions, 'ofRequest'>;
  readonly facts: Facts;
  readonly logger: Logger;
  readonly messages: SlackMessages;
  readonly wakes: Pick<SlackWakes, 'set'>;
  readonly nudges: Pick<SlackNudges, 'ofRequest'>;
  readonly digests: SlackDigests;
  readonly places: Places;
  readonly deliver: Deliver;
  readonly teams: () => ReadonlySet<string>;
  readonly pageOf: PageOf;
}

/** `drawnSince`: draws again whatever this process has not drawn since then (its monotonic milliseconds). */
export type Pass = (id: RequestId, how: { readonly drawnSince: number | undefined }) => Promise<PassOutcome>;

/** Builds the pass. A channel that refuses the card is planned around in the same pass. */
export function makePass(deps: PassDeps): Pass {
  return async (id, { drawnSince }) => {
    const drawn = await readDrawn(deps, id);
    if (drawn === undefined) return { kind: 'done' };
    const notices = noticesOf(drawn, await deps.nudges.ofRequest(id));
    const flood = await floodOf(deps, drawn, channelOf(drawn), await deps.messages.ofRequest(id));
    const outcome = await shown(deps, drawn, { notices, flood }, drawnSince);
    if (outcome.kind !== 'done') return outcome;
    // Before the outbox row is done: a crash in between repeats the pass, and forgets no look.
    await deps.wakes.set(id, nextLook(drawn, notices), drawn.at.now);
    return { ...outcome, also: [...flood.also, ...((await flood.over?.()) ?? [])] };
  };
}

/** What is to be shown beside what the case itself says. */
interface Around {
  readonly notices: readonly Notice[];
  readonly flood: Flood;
}

async function shown(
  deps: PassDeps,
  drawn: Drawn,
  around: Around,
  drawnSince: number | undefined,
): Promise<PassOutcome> {
  const first = await runOnce(deps, drawn, around, drawnSince);
  if (first !== 'channel_unusable') return outcomeOf(drawn, first, drawnSince);
  // Planned around the channel; what was said before it refused is said anew.
  const now = performance.now();
  return outcomeOf(drawn, await runOnce(deps, drawn, around, now), now);
}

type Run =
  | 'channel_unusable'
  | { readonly kind: 'dead_token'; readonly code: string }
  /** 0 milliseconds: all shown. */
  | { readonly laterMs: number; readonly failed: boolean };

function outcomeOf(drawn: Drawn, run: Run, drawnSince: number | undefined): PassOutcome {
  if (run === 'channel_unusable') return { kind: 'later', ms: 1_000, failed: true, drawnSince, drawn };
  if ('kind' in run) return run;
  if (run.laterMs === 0) return { kind: 'done', drawn };
  return { kind: 'later', ms: run.laterMs, failed: run.failed, drawnSince, drawn };
}

async function readDrawn(
  { ledger, questions, facts, logger, pageOf }: PassDeps,
  id: RequestId,
): Promise<Drawn | undefined> {
  const seen = await ledger.find(id);
  if (seen === undefined) return undefined;
  const asked = await questions.ofRequest(id);
  const pageUrl = pageOf(seen.at.policy, id);
  const drawn: Drawn = {
    case: seen.value,
    at: seen.at,
    ...(asked.length === 0 ? {} : { questions: asked }),
    ...(pageUrl === undefined ? {} : { pageUrl }),
  };
  const phase = phaseOf(drawn);
  if (phase === 'pending') return withHistory(drawn, { facts, logger });
  const { grant } = drawn.case;
  return grant === undefined || phase === 'later' ? drawn : { ...drawn, use: await ledger.uses(grant.id) };
}

async function runOnce(
  deps: PassDeps,
  drawn: Drawn,
  { notices, flood }: Around,
  drawnSince: number | undefined,
): Promise<Run> {
  const { request, version } = drawn.case;
  const stored = await deps.messages.ofRequest(request.id);
  const channelUnusable = await isUnusable(deps.places, drawn, stored);
  const { listed } = flood;
  const own = planMessages(drawn, { teams: deps.teams(), stored, channelUnusable, notices, listed });
  const planned = flood.draws === undefined ? own : [...own, flood.draws];
  let card: Place | undefined = cardAt(stored, request.id);
  let laterMs = 0;
  let failed = false;
  for (const one of planned) {
    const job = {
      planned: one,
      stored: stored.find((row) => row.key === one.key),
      requestId: request.id,
      version: one.version ?? version,
      drawnSince,
      card,
    };
    const outcome = await deps.deliver(job);
    if (outcome.kind === 'dead_token') return outcome;
    if (outcome.kind === 'unusable') {
      deps.places.markUnusable(outcome.channel, outcome.code);
      return 'channel_unusable';
    }
    if (one.kind === 'card') card = outcome.kind === 'shown' ? outcome.place : undefined;
    if (outcome.kind !== 'later') continue;
    laterMs = soonest(laterMs, outcome.ms);
    failed ||= outcome.failed;
  }
  return { laterMs, failed };
}

/** The sooner of two waits; 0 is no wait. */
function soonest(a: number, b: number): number {
  return a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b);
}

/** A new card never goes into a channel other companies see, nor into one that refused lately. */
async function isUnusable(places: Places, { case: c, at }: Drawn, stored: readonly StoredMessage[]): Promise<boolean> {
  const configured = at.policy.resources.find((one) => one.id === c.request.access.resource)?.slackChannel;
  const channel = cardAt(stored, c.request.id)?.channel ?? configured;
  if (channel === undefined) return false;
  if (places.isUnusable(channel)) return true;
  return cardAt(stored, c.request.id) === undefined && (await places.isShared(channel));
}

function cardAt(stored: readonly StoredMessage[], request: RequestId): Place | undefined {
  const row = stored.find((one) => one.key === messageKey({ kind: 'card', request }));
  return row?.channel === undefined || row.ts === undefined ? undefined : { channel: row.channel, ts: row.ts };
}
