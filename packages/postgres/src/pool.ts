/** Owns the connections: bounded pools with bounded waits, primaries only, one lane of the trail per connection. */
import { type ClientBase, Pool as PgPool, type PoolClient, types } from 'pg';
import type { RaiseAlarm } from './alarms.ts';
import { StoreUnavailable, troubleOf } from './faults.ts';
import type { Lane, Lanes } from './lanes.ts';
import type { Statement } from './statement.ts';

/** How long is waited: long enough for a store that is well, short enough to say in time that it is not. */
export interface Patience {
  /** For a connection, in ms: until one is free or made. */
  readonly connectionMs: number;
  /** For a statement, in ms; the server ends it then. */
  readonly statementMs: number;
}

/** Of every program. */
export const PATIENCE: Patience = { connectionMs: 1_000, statementMs: 2_000 };
/** Ends a wait for a server that went silent: the server's own limit comes first. */
const SILENCE_MS = 400;
const IDLE_IN_TRANSACTION_MS = 5_000;
const IDLE_CONNECTION_MS = 60_000;
const QUEUE_MAX = 200;

export interface PoolOptions {
  readonly url: string;
  /** Connections at most. */
  readonly max: number;
  /** `sallyport <instance>`, as pg_stat_activity shows it. */
  readonly instance: string;
  readonly lanes: Lanes;
  readonly alarm: RaiseAlarm;
  /** A second for a connection and two for a statement, unless said otherwise. */
  readonly patience?: Patience | undefined;
  /** Called with every statement sent: one call is one round trip. For tests and counters. */
  readonly onSend?: ((text: string) => void) | undefined;
}

/** One connection, used by one transaction or statement at a time. */
export interface Connection {
  readonly lane: Lane;
  /** Sends one statement and waits for its rows: one round trip. Throws what the driver throws. */
  rows<Row>(query: Statement<Row>): Promise<Row[]>;
  /** Commits. Throws if the server did not say COMMIT. */
  commit(): Promise<void>;
}

/** What becomes of a connection after use. */
export type Afterwards = 'keep' | 'destroy' | 'destroy_and_end_lane';

export interface Pool {
  readonly alarm: RaiseAlarm;
  /** Throws StoreUnavailable when none is to be had in time. */
  acquire(): Promise<{ readonly connection: Connection; release(afterwards: Afterwards): void }>;
  close(): Promise<void>;
}

/** Times as epoch milliseconds, bigints as numbers: every count and id we keep stays below 2^53. */
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  [types.builtins.TIMESTAMPTZ]: (text) => Number(types.getTypeParser(types.builtins.TIMESTAMPTZ)(text)),
  [types.builtins.INT8]: Number,
};

const typeParsers = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    format === 'binary' ? types.getTypeParser(oid, 'binary') : (PARSERS[oid] ?? types.getTypeParser(oid, 'text')),
};

/** Opens a pool; connects when first used. */
export function makePool(options: PoolOptions): Pool {
  const { connectionMs, statementMs } = options.patience ?? PATIENCE;
  const known = new WeakMap<PoolClient, Connection>();
  const lanesEnded = new WeakSet<Lane>();
  const pool = new PgPool({
    connectionString: options.url,
    max: options.max,
    connectionTimeoutMillis: connectionMs,
    idleTimeoutMillis: IDLE_CONNECTION_MS,
    statement_timeout: statementMs,
    query_timeout: statementMs + SILENCE_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    application_name: `sallyport ${options.instance}`.slice(0, 63),
    types: typeParsers,
    onConnect: refuseStandby,
  });
  // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
  pool.on('error', () => undefined);
  pool.on('remove', (client) => {
    const lane = known.get(client)?.lane;
    if (lane !== undefined && !lanesEnded.has(lane)) options.lanes.giveBack(lane);
  });

  function connectionOf(client: PoolClient): Connection {
    const connection = known.get(client) ?? connect(client, options.lanes.take(), options.onSend);
    known.set(client, connection);
    return connection;
  }

  return {
    alarm: options.alarm,
    close: () => pool.end(),
    acquire: async () => {
      if (pool.waitingCount >= QUEUE_MAX) throw new StoreUnavailable('busy');
      const client = await pool.connect().catch((error: unknown) => {
        throw error instanceof StoreUnavailable
          ? error
          : new StoreUnavailable(troubleOf(error) ?? 'unreachable', { cause: error });
      });
      const connection = connectionOf(client);
      return {
        connection,
        release: (afterwards) => {
          if (afterwards === 'destroy_and_end_lane') {
            lanesEnded.add(connection.lane);
            options.lanes.end(connection.lane);
            options.alarm({ event: 'commit.unknown', lane: connection.lane.id, counter: connection.lane.sure });
          }
          client.release(afterwards !== 'keep');
        },
      };
    },
  };
}

/** Decisions only on a primary: a standby would judge by what may be old. */
async function refuseStandby(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby');
  if (rows[0]?.standby !== false) throw new StoreUnavailable('standby');
}

function connect(client: PoolClient, lane: Lane, onSend: PoolOptions['onSend']): Connection {
  const send = async (query: Statement<unknown>) => {
    onSend?.(query.text);
    const { text, name } = query;
    return client.query({ text, values: [...query.values], ...(name === undefined ? {} : { name }) });
  };
  return {
    lane,
    rows: async (query) => (await send(query)).rows,
    commit: async () => {
      const answer = await send({ text: 'commit', values: [] });
      // A transaction the server had already given up answers ROLLBACK to COMMIT, and calls it no error.
      if (answer.command !== 'COMMIT') throw new StoreUnavailable('conflict');
    },
  };
}
