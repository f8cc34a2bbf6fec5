/** Owns a store for integration tests: a clone of the database, opened as a program opens it, its clock movable. */
import type { Policy } from '@sallyport/core';
import { PATIENT, startDatabase, type TestDatabase } from '@sallyport/testkit';
import type { StoreWorld } from '@sallyport/testkit/contracts';
import type { StoreAlarm } from './alarms.ts';
import { openPostgres, type Postgres, type PostgresOptions } from './open-postgres.ts';

export const AUDIT_KEY = new Uint8Array(32).fill(7);

export interface PostgresWorld extends StoreWorld {
  readonly postgres: Postgres;
  readonly database: TestDatabase;
  readonly alarms: readonly StoreAlarm[];
  /** Every statement sent since the last `sent.length = 0`. */
  readonly sent: string[];
}

export interface WorldOptions extends Partial<PostgresOptions> {
  /** Connects under this role; the owner unless said. */
  readonly role?: string;
}

/** Stored documents are what the test put: no schema in between. */
export const asPolicy = (document: unknown): Policy => document as Policy;

/** Opens a store on a fresh clone and puts the policy in force. */
export async function openWorld(policy: Policy, { role, ...options }: WorldOptions = {}): Promise<PostgresWorld> {
  const database = await startDatabase({ movableClock: true });
  const alarms: StoreAlarm[] = [];
  const sent: string[] = [];
  const open = (url: string, more: Partial<PostgresOptions> = {}) =>
    openPostgres({
      url,
      auditKey: AUDIT_KEY,
      instance: 'test',
      policyCodec: { serialize: (policy) => policy, parse: asPolicy },
      alarm: (alarm) => alarms.push(alarm),
      patience: PATIENT,
      ...more,
    });
  const owner = open(database.url);
  await owner.policies.putInForce(policy, { door: 'worker', traceId: 'test' });
  const postgres = open(role === undefined ? database.url : database.as(role), {
    ...options,
    onSend: (text) => sent.push(text),
  });
  return {
    postgres,
    database,
    alarms,
    sent,
    ledger: postgres.ledger,
    issuances: postgres.issuances,
    handles: postgres.handles,
    replayGuard: postgres.replayGuard,
    sessions: postgres.sessions,
    devices: postgres.devices,
    slackLinks: postgres.slackLinks,
    questions: postgres.questions,
    facts: postgres.facts,
    statuses: postgres.statuses,
    endedBits: postgres.endedBits,
    revocations: postgres.revocations,
    liveTokens: postgres.liveTokens,
    put: async (next) => {
      await owner.policies.putInForce(next, { door: 'worker', traceId: 'test' });
    },
    advance: async (length) => {
      await database.advance(length);
      await postgres.clock.refresh();
    },
    audit: async () =>
      database.sql(`select type, request_id as "requestId", grant_id as "grantId", jti, reason_code as "reasonCode"
        from audit where type <> 'policy.loaded' order by id`),
    outbox: () => database.sql('select event as type, request_id as "requestId" from outbox order by id'),
    close: async () => {
      await postgres.close();
      await owner.close();
      await database.stop();
    },
  };
}
