/** All scenarios, in the order they are played. */
import type { Jobs } from '../jobs.ts';
import type { BenchOptions } from '../options.ts';
import type { Rounds } from '../rounds.ts';
import type { Server, Stage } from '../stage/stage.ts';
import { startWaiting } from '../waiting.ts';
import { exchangeClosed, exchangeOpen } from './exchange.ts';
import { clickForAll, clickOneByOne } from './held.ts';
import { introspectClosed, introspectOpen, tokensToAskAbout } from './introspect.ts';
import { pollHandles, repeatExchanges } from './poll.ts';
import { revokeAll } from './revoke.ts';
import { askInSlack } from './slack.ts';

export interface Playing {
  readonly stage: Stage;
  readonly options: BenchOptions;
  readonly jobs: Jobs;
  readonly rounds: Rounds;
  readonly redisUrl: string;
  /** Is told every token the broker gave. */
  readonly keep: (tokens: readonly string[]) => void;
}

type Scenario = (playing: Playing) => Promise<void>;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  exchange: (playing) => exchanges(playing, 'exchange', exchangeClosed),
  'exchange-open': (playing) => exchanges(playing, 'exchange-open', exchangeOpen),
  introspect: (playing) => introspections(playing, 'introspect', introspectClosed),
  'introspect-open': (playing) => introspections(playing, 'introspect-open', introspectOpen),
  poll: polls,
  'held-one': heldOne,
  'held-all': heldAll,
  revoke: revocations,
  slack: inSlack,
};

/** Plays those that are wanted; all unless some are named. */
export async function playScenarios(playing: Playing): Promise<void> {
  const { only } = playing.options;
  const unknown = only.filter((name) => !Object.hasOwn(SCENARIOS, name));
  if (unknown.length > 0) throw new Error(`no such scenario: ${unknown.join(', ')}`);
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    if (only.length > 0 && !only.includes(name)) continue;
    // Whole pages are logged after a checkpoint: nobody's first round shall pay for what came before.
    await playing.stage.database.sql('checkpoint');
    await scenario(playing);
  }
}

async function exchanges(
  { stage, options, rounds, keep }: Playing,
  name: string,
  exchange: typeof exchangeClosed,
): Promise<void> {
  const servers = [stage.brokers[0], ...stage.competitors];
  await rounds.play(name, servers, async (server, { ms }) => {
    const { tokens, ...figures } = await exchange(stage, options, server, ms);
    if (server.name === 'sallyport') keep(tokens);
    return figures;
  });
}

async function introspections(
  { stage, options, rounds, keep }: Playing,
  name: string,
  introspect: typeof introspectClosed,
): Promise<void> {
  const servers = [stage.brokers[0], stage.competitors[0]];
  const asked = new Map<Server, readonly string[]>();
  for (const server of servers) asked.set(server, await tokensToAskAbout(stage, options, server));
  keep(asked.get(stage.brokers[0]) ?? []);
  await rounds.play(name, servers, async (server, { ms }) => ({
    ...(await introspect(stage, options, server, asked.get(server) ?? [], ms)),
  }));
}

const range = (from: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => from + index);

async function polls({ stage, options, jobs, rounds }: Playing): Promise<void> {
  const waiting = range(jobs.waitingFrom, options.waiters);
  const runs = await startWaiting(stage, waiting);
  const [broker] = stage.brokers;
  await rounds.play('poll', [broker], async () => ({ ...(await pollHandles(stage, options, runs)) }));
  await rounds.play('repeat', [broker], async () => ({ ...(await repeatExchanges(stage, options, waiting)) }));
}

async function heldOne({ stage, options, jobs, rounds, keep }: Playing): Promise<void> {
  const { singleClicks, waiters } = options;
  const turn = async (_: Server, { round }: { readonly round: number }) => {
    const from = jobs.waitingFrom + (round - 1) * singleClicks;
    const runs = await startWaiting(stage, range(from, waiters));
    // Answers come in any order: the first of the pipelines are the ones nobody waits for in later rounds.
    const first = new Set((await startWaiting(stage, range(from, singleClicks))).map(({ requestId }) => requestId));
    const clicked = runs.filter(({ requestId }) => first.has(requestId));
    const others = runs.filter(({ requestId }) => !first.has(requestId));
    const { tokens, ...figures } = await clickOneByOne(stage, [...clicked, ...others], singleClicks);
    keep(tokens);
    return { ...figures };
  };
  await rounds.play('held-one', [stage.brokers[0]], turn, { warmUp: false });
}

async function heldAll({ stage, options, jobs, rounds, keep }: Playing): Promise<void> {
  const turn = async (_: Server, { round }: { readonly round: number }) => {
    const job = jobs.crowdFrom + round - 1;
    const runs = await startWaiting(
      stage,
      Array.from({ length: options.waiters }, () => job),
    );
    const { tokens, ...figures } = await clickForAll(stage, runs);
    keep(tokens);
    return { ...figures };
  };
  await rounds.play('held-all', [stage.brokers[0]], turn, { warmUp: false });
}

async function revocations({ stage, options, jobs, rounds, keep }: Playing): Promise<void> {
  const turn = async (_: Server, { round }: { readonly round: number }) => {
    const from = jobs.revokedFrom + (round - 1) * options.revocations;
    const { tokens, ...figures } = await revokeAll(stage, from, options.revocations);
    keep(tokens);
    return { ...figures };
  };
  await rounds.play('revoke', [stage.brokers[0]], turn, { warmUp: false });
}

/** One round: the channel alone needs as many seconds as there are requests. */
async function inSlack({ stage, options, rounds, redisUrl }: Playing): Promise<void> {
  const turn = async () => ({ ...(await askInSlack(options, redisUrl)) });
  await rounds.play('slack', [stage.brokers[0]], turn, { warmUp: false, rounds: 1 });
}
