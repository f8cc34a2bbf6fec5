/** Owns one run over a request's messages: decide where its card lives, plan, deliver in order, see whether the plan held. */
import type { Ledger, PersonId, SlackAccount } from '@sallyport/core';
import type { Logger, Metrics } from '@sallyport/platform';
import type { Accounts } from '../accounts.ts';
import { type Drawn, phaseOf } from '../views/phase.ts';
import { type CardHome, cardHome, channelOf, standingCard } from './card-home.ts';
import type { Delivered, Place } from './delivered.ts';
import { type Flood, floodOf, NO_FLOOD } from './flood.ts';
import { messageKey } from './message-key.ts';
import type { Notice } from './notices.ts';
import type { ChannelPlaces } from './places.ts';
import { type PlannedMessage, planMessages, readersOf } from './plan.ts';
import type { Route } from './route.ts';
import type { SlackDigests, SlackMessages, StoredMessage } from './stores.ts';

/** Somebody else has the card in hand. */
const HELD_MS = 1_000;

export interface RunDeps {
  readonly ledger: Pick<Ledger, 'crowdOf' | 'mine'>;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'slackCardsReroutedTotal'>;
  readonly messages: SlackMessages;
  readonly digests: SlackDigests;
  readonly places: ChannelPlaces;
  readonly deliver: Route;
  readonly accounts: Pick<Accounts, 'of'>;
  readonly teams: () => ReadonlySet<string>;
}

export type Run =
  /** Something was learnt that makes another plan. */
  | 'plan_again'
  /** 0 milliseconds: all shown. */
  | { readonly laterMs: number; readonly failed: boolean };

/** One run. `drawnSince` as in a pass. */
export async function runOnce(
  deps: RunDeps,
  drawn: Drawn,
  notices: readonly Notice[],
  drawnSince: number | undefined,
): Promise<{ readonly run: Run; readonly flood: Flood }> {
  const { id } = drawn.case.request;
  const before = await deps.messages.ofRequest(id);
  const noted = await noteRefusal(deps, drawn, before);
  if (noted === 'held') return { run: { laterMs: HELD_MS, failed: false }, flood: NO_FLOOD };
  const stored = noted === 'nothing' ? before : await deps.messages.ofRequest(id);
  const accounts = await deps.accounts.of(drawn.at.policy, readersOf(drawn, { stored, notices }));
  const home = await homeOf(deps, drawn, { stored, accounts });
  const flood = await floodOf(deps, drawn, (one) => channelNow(deps.places, one), stored);
  const { listed } = flood;
  if (home.asked === 'nobody' && phaseOf(drawn) === 'pending') {
    deps.logger.warn('slack.nobody_reached', { requestId: drawn.case.request.id });
  }
  const own = planMessages(drawn, { teams: deps.teams(), accounts, stored, home, notices, listed });
  const planned = flood.draws === undefined ? own : [...own, flood.draws];
  return { run: await delivered(deps, drawn, { planned, stored, home, accounts, drawnSince }), flood };
}

/** Where the card lives now; a fallback channel that others read is none. */
async function homeOf({ places, teams }: RunDeps, drawn: Drawn, { stored, accounts }: Known): Promise<CardHome> {
  const home = cardHome(drawn, { teams: teams(), accounts, stored, places });
  const shared = home.fallback !== undefined && (await places.isShared(home.fallback));
  return shared ? cardHome(drawn, { teams: teams(), accounts, stored, places }) : home;
}

/** What is in Slack already, and whose accounts are whose. */
interface Known {
  readonly stored: readonly StoredMessage[];
  readonly accounts: ReadonlyMap<PersonId, SlackAccount>;
}

interface Planned extends Known {
  readonly planned: readonly PlannedMessage[];
  readonly home: CardHome;
  readonly drawnSince: number | undefined;
}

async function delivered(
  deps: RunDeps,
  drawn: Drawn,
  { planned, stored, home, accounts, drawnSince }: Planned,
): Promise<Run> {
  const { request, version } = drawn.case;
  const outcomes: (readonly [PlannedMessage, Delivered])[] = [];
  let card: Place | undefined = standingCard(stored, drawn, deps.places);
  for (const one of planned) {
    const row = stored.find((each) => each.key === one.key);
    const job = { planned: one, stored: row, requestId: request.id, version: one.version ?? version, drawnSince, card };
    const outcome = await deps.deliver(job);
    if (outcome.kind === 'unusable') {
      deps.places.markUnusable(outcome.channel, outcome.code);
      return 'plan_again';
    }
    outcomes.push([one, outcome]);
    if (one.kind === 'card' || one.kind === 'fallback') card = outcome.kind === 'shown' ? outcome.place : card;
    if (one.kind === 'fallback' && outcome.kind === 'shown' && row?.ts === undefined) rerouted(deps, drawn, home);
  }
  const dropped = outcomes.some(([one, outcome]) => one.kind === 'approver' && outcome.kind === 'dropped');
  return dropped && home.asked === 'approvers' && (await nobodyLeft(deps, drawn, accounts))
    ? 'plan_again'
    : waits(outcomes);
}

/** Every approver was written to, and none could be: from now on the plan knows. */
async function nobodyLeft(
  { messages, places, teams }: RunDeps,
  drawn: Drawn,
  accounts: Known['accounts'],
): Promise<boolean> {
  const stored = await messages.ofRequest(drawn.case.request.id);
  return cardHome(drawn, { teams: teams(), accounts, stored, places }).asked !== 'approvers';
}

function waits(outcomes: readonly (readonly [PlannedMessage, Delivered])[]): Run {
  let laterMs = 0;
  let failed = false;
  for (const [, outcome] of outcomes) {
    if (outcome.kind !== 'later') continue;
    laterMs = laterMs === 0 ? outcome.ms : Math.min(laterMs, outcome.ms);
    failed ||= outcome.failed;
  }
  return { laterMs, failed };
}

/** The channel of the resource, while it takes cards: many share one only where each would have had one. */
function channelNow(places: ChannelPlaces, drawn: Drawn): string | undefined {
  const channel = channelOf(drawn);
  return channel !== undefined && places.takesNew(channel) ? channel : undefined;
}

/**
 * Writes down that the channel takes no card of this request, under the claim of the card: no other process posts it
 * there meanwhile, nor when the channel comes back.
 */
async function noteRefusal(
  deps: RunDeps,
  drawn: Drawn,
  stored: readonly StoredMessage[],
): Promise<'nothing' | 'noted' | 'held'> {
  const channel = channelOf(drawn);
  const { id } = drawn.case.request;
  const key = messageKey({ kind: 'card', request: id });
  const row = stored.find((one) => one.key === key);
  if (row?.ts !== undefined) return 'nothing';
  // Whether others read it is asked before the plan, and kept for minutes.
  if (channel !== undefined) await deps.places.isShared(channel);
  if (channel === undefined || phaseOf(drawn) !== 'pending' || deps.places.takesNew(channel)) return 'nothing';
  if (row?.refusedBy === channel) return 'nothing';
  const claim = await deps.messages.claim(key, id);
  if (claim === undefined) return 'held';
  if (claim.message.ts !== undefined) await deps.messages.release(claim);
  else {
    await deps.messages.refused(claim, channel);
    rerouted(deps, drawn, { asked: 'approvers' });
  }
  return 'noted';
}

function rerouted({ logger, metrics }: RunDeps, drawn: Drawn, { asked }: Pick<CardHome, 'asked'>): void {
  logger.warn('slack.card_rerouted', { requestId: drawn.case.request.id, reason: asked });
  metrics.slackCardsReroutedTotal.inc({ to: asked });
}
