/** Runs the model against Postgres: the same stories, a database each. `MODEL_RUNS_POSTGRES` sets how many. */
import { test } from '@jest/globals';
import type { Policy } from '@sallyport/core';
import { openPostgres } from '@sallyport/postgres';
import type { MakeStoreWorld } from '../contracts/store-world.ts';
import { PATIENT, startDatabase } from '../postgres-harness.ts';
import { modelRun, runModel } from './run-model.ts';

const by = { door: 'worker', traceId: 'model' } as const;

const make: MakeStoreWorld = async (policy) => {
  const database = await startDatabase({ movableClock: true });
  const postgres = openPostgres({
    url: database.url,
    auditKey: new Uint8Array(32).fill(7),
    instance: 'model',
    patience: PATIENT,
    policyCodec: { serialize: (one) => one, parse: (document) => document as Policy },
    alarm: (alarm) => {
      // The database's clock runs ahead on purpose.
      if (alarm.event === 'clock.skew') return;
      throw new Error(`alarm in an honest run: ${JSON.stringify(alarm)}`);
    },
  });
  await postgres.policies.putInForce(policy, by);
  const { ledger, issuances, handles, replayGuard, sessions, devices, slackLinks, questions, facts } = postgres;
  const { statuses, endedBits, revocations, liveTokens } = postgres;
  return {
    ledger,
    issuances,
    handles,
    replayGuard,
    sessions,
    devices,
    slackLinks,
    questions,
    facts,
    statuses,
    endedBits,
    revocations,
    liveTokens,
    put: async (next) => {
      await postgres.policies.putInForce(next, by);
    },
    advance: async (length) => {
      await database.advance(length);
      await postgres.clock.refresh();
    },
    audit: () =>
      database.sql('select type, request_id as "requestId", jti, reason_code as "reasonCode" from audit order by id'),
    outbox: () => database.sql('select event as type, request_id as "requestId" from outbox order by id'),
    close: async () => {
      await postgres.close();
      await database.stop();
    },
  };
};

const run = modelRun({ ...process.env, MODEL_RUNS: process.env.MODEL_RUNS_POSTGRES }, 10);

test(`I-1 to I-18, I-22: ${run.runs} stories on Postgres from seed ${run.seed} break no invariant`, async () => {
  const report = await runModel(make, run);
  process.stdout.write(`model on postgres: ${JSON.stringify(report)}\n`);
}, 600_000);
