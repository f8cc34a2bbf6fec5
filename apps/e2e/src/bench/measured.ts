/** One measured run: load on one server, and what it cost there, in Postgres and in the load generator. */
import type { StreamPlan, StreamResult } from './load/plan.ts';
import { cpuBetween, cpuOf, mainThreadSecondsOf, watchMemory } from './meter.ts';
import type { Server, Stage } from './stage/stage.ts';
import { rounded } from './statistics.ts';

export interface Measured {
  readonly perSecond: number;
  readonly requests: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** CPU of the server under test per request, all its threads. */
  readonly serverCpuMs: number;
  /** The part of it that its main thread used. */
  readonly mainThreadCpuMs: number;
  /** CPU of all Postgres processes per request. */
  readonly postgresCpuMs: number;
  readonly generatorCpuMs: number;
  readonly peakMib: number;
}

/** Runs a plan against a server. Throws when an answer had another status than `expected`. */
export async function measured(stage: Stage, server: Server, plan: StreamPlan, expected = '200'): Promise<Measured> {
  const before = await look(stage, server);
  const memory = watchMemory(server.pid);
  const result = await stage.generator.run(plan);
  const peakMib = memory.stop();
  const after = await look(stage, server);
  const others = Object.keys(result.statuses).filter((status) => status !== expected);
  if (others.length > 0) throw new Error(`${server.name} answered ${JSON.stringify(result.statuses)}`);
  const each = (name: keyof typeof before): number =>
    rounded((cpuBetween(before[name], after[name]) * 1_000) / result.requests);
  return {
    ...figuresOf(result),
    serverCpuMs: each('server'),
    mainThreadCpuMs: each('mainThread'),
    postgresCpuMs: each('postgres'),
    generatorCpuMs: each('generator'),
    peakMib: Math.round(peakMib),
  };
}

function figuresOf({ requests, seconds, latencyMs }: StreamResult) {
  return {
    perSecond: Math.round(requests / seconds),
    requests,
    p50Ms: latencyMs.p50,
    p95Ms: latencyMs.p95,
    p99Ms: latencyMs.p99,
    maxMs: latencyMs.max,
  };
}

/** Looks at the CPU of everybody who takes part. */
async function look(stage: Stage, server: Server) {
  const backends = await stage.database.sql<{ pid: number }>('select pid from pg_stat_activity');
  return {
    server: cpuOf([server.pid]),
    mainThread: new Map([[server.pid, mainThreadSecondsOf(server.pid) ?? 0]]),
    postgres: cpuOf(backends.map(({ pid }) => pid)),
    generator: cpuOf([stage.generator.pid]),
  };
}
