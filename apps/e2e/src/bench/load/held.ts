/** Many polls held at once, one connection each; then clicks, and when the token of each waiter came. */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { spreadOf } from '../statistics.ts';
import { type Connection, openConnection, type Reply, requestBytes } from './connection.ts';
import type { Click, HeldPlan, HeldResult } from './plan.ts';
import { readBodies } from './stream.ts';

const OPENING_AT_ONCE = 100;
const ASKING_AT_ONCE = 40;
const ASKING_PAUSE_MS = 40;

interface Waiter {
  readonly connection: Connection;
  readonly request: Buffer;
  /** When its token came. */
  tokenAt?: number;
}

/** Runs the plan: everybody asks, everybody is held, then one click after the other. */
export async function runHeld(plan: HeldPlan): Promise<HeldResult> {
  const run = makeRun(plan);
  const waiters = await openWaiters(plan, run);
  try {
    await askAll(waiters, run);
    await sleep(plan.settleMs);
    for (const click of plan.clicks) await run.click(click, waiters);
    return run.result();
  } finally {
    for (const { connection } of waiters) connection.close();
    run.keepAnswers();
  }
}

/** Not all in one instant: runs of a CI system do not begin to wait like that either. */
async function askAll(waiters: readonly Waiter[], run: HeldRun): Promise<void> {
  for (const [index, waiter] of waiters.entries()) {
    if (index % ASKING_AT_ONCE === 0) await sleep(ASKING_PAUSE_MS);
    run.ask(waiter);
  }
}

async function openWaiters(plan: HeldPlan, run: HeldRun): Promise<readonly Waiter[]> {
  const waiters: Waiter[] = [];
  const bodies = readBodies(plan.bodiesFile);
  for (let from = 0; from < bodies.length; from += OPENING_AT_ONCE) {
    const opened = bodies.slice(from, from + OPENING_AT_ONCE).map(async (body): Promise<Waiter> => {
      const connection = await openConnection(plan.port, run.lost);
      return { connection, request: requestBytes(plan.path, plan.headers, body) };
    });
    waiters.push(...(await Promise.all(opened)));
  }
  return waiters;
}

function makeRun(plan: HeldPlan) {
  const clickToToken: number[] = [];
  const clickAnswers: number[] = [];
  const statuses: Record<string, number> = {};
  const answers: Buffer[] = [];
  let askedAgain = 0;
  let broken: string | undefined;

  function ask(waiter: Waiter): void {
    waiter.connection.send(waiter.request, (reply) => {
      statuses[reply.status] = (statuses[reply.status] ?? 0) + 1;
      if (reply.status === 200) {
        waiter.tokenAt = performance.now();
        answers.push(reply.body);
        return;
      }
      askedAgain += 1;
      askLater(waiter, reply);
    });
  }

  /** A well-behaved client: waits as long as it was told to. */
  function askLater(waiter: Waiter, { body }: Reply): void {
    const { interval } = JSON.parse(body.toString('utf8')) as { readonly interval?: number };
    if (interval === undefined) throw new Error(`a waiter was refused: ${body.toString('utf8')}`);
    setTimeout(() => ask(waiter), interval * 1_000);
  }

  async function click(one: Click, waiters: readonly Waiter[]): Promise<void> {
    const woken = one.wakes === 'all' ? waiters : waiters.slice(one.wakes, one.wakes + 1);
    const decider = await openConnection(one.port, (why) => {
      broken = why;
    });
    const clickedAt = performance.now();
    decider.send(requestBytes(one.path, one.headers, one.body), ({ status, body }) => {
      clickAnswers.push(performance.now() - clickedAt);
      if (status !== 200) broken = `a click was refused: ${body.toString('utf8')}`;
    });
    while (woken.some((waiter) => waiter.tokenAt === undefined)) {
      if (broken !== undefined) throw new Error(broken);
      if (performance.now() - clickedAt > plan.patienceMs) throw new Error('a click did not reach its waiters in time');
      await sleep(2);
    }
    for (const { tokenAt = clickedAt } of woken) clickToToken.push(tokenAt - clickedAt);
    decider.close();
  }

  return {
    ask,
    click,
    lost: (why: string) => {
      broken = why;
    },
    keepAnswers: () => {
      if (plan.answersFile === undefined) return;
      writeFileSync(plan.answersFile, answers.map((body) => `${body.toString('utf8')}\n`).join(''));
    },
    result: (): HeldResult => ({
      kind: 'held',
      clickToTokenMs: spreadOf(clickToToken),
      clickAnswerMs: spreadOf(clickAnswers),
      tokens: answers.length,
      askedAgain,
      statuses,
    }),
  };
}

type HeldRun = ReturnType<typeof makeRun>;
