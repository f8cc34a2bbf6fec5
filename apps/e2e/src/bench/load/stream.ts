/** Many requests over fixed connections: closed loop (the next when the last is answered) and open loop (at a rate). */
import { readFileSync, writeFileSync } from 'node:fs';
import { spreadOf } from '../statistics.ts';
import { type Connection, openConnection, requestBytes } from './connection.ts';
import type { StreamPlan, StreamResult } from './plan.ts';

const TICK_MS = 1;

/** Runs a plan to its end. Rejects when a connection breaks: a figure with holes is none. */
export async function runStream(plan: StreamPlan): Promise<StreamResult> {
  const requests = readBodies(plan.bodiesFile).map((body) => requestBytes(plan.path, plan.headers, body));
  const run = makeRun(plan, requests);
  const connections = await Promise.all(
    Array.from({ length: plan.connections }, () => openConnection(plan.port, run.fail)),
  );
  try {
    return await (plan.kind === 'closed' ? closedLoop(run, connections) : openLoop(run, connections));
  } finally {
    for (const connection of connections) connection.close();
    run.keepAnswers();
  }
}

/** The lines of a file of bodies. */
export function readBodies(file: string): readonly string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

function makeRun(plan: StreamPlan, requests: readonly Buffer[]) {
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  const answers: Buffer[] = [];
  let next = 0;
  let startedAt = 0;
  let lastAt = 0;
  let reject: (why: Error) => void = () => undefined;
  return {
    plan,
    start: () => {
      startedAt = performance.now();
      return startedAt;
    },
    /** Until then requests are sent. */
    endsAt: () => startedAt + plan.durationMs,
    take: (): Buffer | undefined => {
      const index = next++;
      return requests[plan.repeat ? index % requests.length : index];
    },
    /** Counts an answer; `dueAt`: when its request was to be sent, so that our own waiting counts too. */
    count: (dueAt: number, status: number, body: Buffer) => {
      lastAt = performance.now();
      latencies.push(lastAt - dueAt);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (plan.answersFile !== undefined) answers.push(body);
    },
    fail: (why: string) => reject(new Error(`a connection broke during the run: ${why}`)),
    failsBy: (how: (why: Error) => void) => {
      reject = how;
    },
    result: (): StreamResult => ({
      kind: 'stream',
      requests: latencies.length,
      seconds: (lastAt - startedAt) / 1_000,
      statuses,
      latencyMs: spreadOf(latencies),
    }),
    keepAnswers: () => {
      if (plan.answersFile === undefined) return;
      writeFileSync(plan.answersFile, answers.map((body) => `${body.toString('utf8')}\n`).join(''));
    },
  };
}

type Run = ReturnType<typeof makeRun>;

function closedLoop(run: Run, connections: readonly Connection[]): Promise<StreamResult> {
  return new Promise((resolve, reject) => {
    run.failsBy(reject);
    let busy = connections.length;
    run.start();
    const go = (connection: Connection): void => {
      const sentAt = performance.now();
      const request = sentAt < run.endsAt() ? run.take() : undefined;
      if (request === undefined) {
        busy -= 1;
        if (busy === 0) resolve(run.result());
        return;
      }
      connection.send(request, ({ status, body }) => {
        run.count(sentAt, status, body);
        go(connection);
      });
    };
    for (const connection of connections) go(connection);
  });
}

/** A request is due at its time, whether a connection is free or not: a slow server does not slow the questions down. */
function openLoop(run: Run, connections: readonly Connection[]): Promise<StreamResult> {
  const { ratePerSecond = 1, durationMs } = run.plan;
  const total = Math.floor((ratePerSecond * durationMs) / 1_000);
  return new Promise((resolve, reject) => {
    run.failsBy(reject);
    const free = [...connections];
    let sent = 0;
    let answered = 0;
    const startedAt = run.start();
    const dueAt = (index: number): number => startedAt + (index * 1_000) / ratePerSecond;
    const send = (connection: Connection): void => {
      const request = run.take();
      if (request === undefined) throw new Error('more requests were due than were prepared');
      const due = dueAt(sent++);
      connection.send(request, ({ status, body }) => {
        run.count(due, status, body);
        free.push(connection);
        answered += 1;
        sendDue();
      });
    };
    const sendDue = (): void => {
      while (sent < total && dueAt(sent) <= performance.now()) {
        const connection = free.pop();
        if (connection === undefined) return;
        send(connection);
      }
      if (answered < total) return;
      clearInterval(timer);
      resolve(run.result());
    };
    const timer = setInterval(sendDue, TICK_MS);
  });
}
