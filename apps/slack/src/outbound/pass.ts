/** Owns one pass over a request: read it as it is now, plan its messages, deliver them in order. */
import type { Facts, Ledger, Questions, RequestId } from '@sallyport/core';
import type { Logger } from '@sallyport/platform';
import type { PageOf } from '../pages.ts';
import { type Drawn, phaseOf } from '../views/phase.ts';
import type { Flood } from './flood.ts';
import { withHistory } from './history.ts';
import { type Notice, nextLook, noticesOf } from './notices.ts';
import { type Run, type RunDeps, runOnce } from './run.ts';
import type { SlackNudges, SlackWakes } from './stores.ts';

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
    };

export interface PassDeps extends RunDeps {
  readonly ledger: Pick<Ledger, 'find' | 'uses' | 'crowdOf' | 'mine'>;
  readonly questions: Pick<Questions, 'ofRequest'>;
  readonly facts: Facts;
  readonly logger: Logger;
  readonly wakes: Pick<SlackWakes, 'set'>;
  readonly nudges: Pick<SlackNudges, 'ofRequest'>;
  readonly pageOf: PageOf;
}

/** `drawnSince`: draws again whatever this process has not drawn since then (its monotonic milliseconds). */
export type Pass = (id: RequestId, how: { readonly drawnSince: number | undefined }) => Promise<PassOutcome>;

const TURNS_MAX = 4;
const AGAIN_MS = 1_000;

/** Builds the pass. A channel that refuses the card is planned around in the same pass. */
export function makePass(deps: PassDeps): Pass {
  return async (id, { drawnSince }) => {
    const drawn = await readDrawn(deps, id);
    if (drawn === undefined) return { kind: 'done' };
    const notices = noticesOf(drawn, await deps.nudges.ofRequest(id));
    const { outcome, flood } = await shown(deps, drawn, notices, drawnSince);
    if (outcome.kind !== 'done') return outcome;
    // Before the outbox row is done: a crash in between repeats the pass, and forgets no look.
    await deps.wakes.set(id, nextLook(drawn, notices), drawn.at.now);
    return { ...outcome, also: [...flood.also, ...((await flood.over?.()) ?? [])] };
  };
}

interface Ended {
  readonly outcome: PassOutcome;
  readonly flood: Flood;
}

/** Runs until the plan holds: what is learnt on the way (a channel refuses, nobody can be written to) makes another plan. */
async function shown(
  deps: PassDeps,
  drawn: Drawn,
  notices: readonly Notice[],
  drawnSince: number | undefined,
): Promise<Ended> {
  let since = drawnSince;
  for (let turn = 1; ; turn += 1) {
    const { run, flood } = await runOnce(deps, drawn, notices, since);
    if (run !== 'plan_again') return { outcome: outcomeOf(drawn, run, since), flood };
    // What was said under the plan before is said anew.
    since = performance.now();
    if (turn === TURNS_MAX)
      return { outcome: { kind: 'later', ms: AGAIN_MS, failed: true, drawnSince: since, drawn }, flood };
  }
}

function outcomeOf(drawn: Drawn, run: Exclude<Run, 'plan_again'>, drawnSince: number | undefined): PassOutcome {
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
