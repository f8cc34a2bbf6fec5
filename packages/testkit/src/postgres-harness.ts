/** Owns real databases for tests: one template per schema, migrated once, and a clone of it per test file. */
import { randomBytes } from 'node:crypto';
import { migrate, type Patience, schemaHash } from '@sallyport/postgres';
import { Client } from 'pg';

export interface TestDatabase {
  readonly name: string;
  /** Connects as the user of TEST_DATABASE_URL; `as` says how to connect as a program. */
  readonly url: string;
  /** The same database under a role, e.g. `sallyport_broker`. */
  as(role: string): string;
  /** Runs statements as the owner, past every rule the programs keep. */
  sql<Row = Readonly<Record<string, unknown>>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Moves what the database takes for `clock_timestamp()` forward, by ms; only with `movableClock`. */
  advance(ms: number): Promise<void>;
  /** Drops it, ending whatever is still connected. */
  stop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** Lets the test move the database's clock: its own `clock_timestamp()` stands before PostgreSQL's in the search path. */
  readonly movableClock?: boolean;
}

/** For a store opened by a test of anything but patience: a busy machine is not an outage. */
export const PATIENT: Patience = { connectionMs: 30_000, statementMs: 30_000 };

const TEMPLATE_PREFIX = 'sallyport_tpl_';
const CLONE_PREFIX = 'sallyport_test_';
const CLOCK_SCHEMA = 'test_clock';
const STALE_SECONDS = 3_600;
/** Clones at once copy the same files: one at a time is faster and never meets a template in the making. */
const LOCK = 'select pg_advisory_lock(7235, 2)';
const MINUTE_MS = 60_000;

/** A fresh database with the newest schema. Call `stop` when done. Throws if TEST_DATABASE_URL is missing. */
export async function startDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const maintenance = maintenanceUrl();
  const name = `${CLONE_PREFIX}${Math.floor(Date.now() / 1_000)}_${randomBytes(6).toString('hex')}`;
  await withClient(maintenance, async (client) => {
    await client.query(`set statement_timeout = ${MINUTE_MS}`);
    await client.query(LOCK);
    const template = await ensureTemplate(client, maintenance);
    await client.query(`create database ${name} template ${template}`);
  });
  const plain = withDatabaseName(maintenance, name);
  const owner = new Client({ connectionString: plain });
  owner.on('error', () => undefined);
  await owner.connect();
  const movable = options.movableClock === true;
  if (movable) await makeClockMovable(owner);
  return {
    name,
    url: withOptions(plain, movable ? [SEARCH_PATH] : []),
    as: (role) => withOptions(plain, [`role=${role}`, ...(movable ? [SEARCH_PATH] : [])]),
    sql: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await owner.query(text, [...values])).rows as Row[],
    advance: async (ms) => {
      if (!movable) throw new Error('start the database with movableClock to move its clock');
      await owner.query(`update ${CLOCK_SCHEMA}.moved set by_ms = by_ms + $1`, [ms]);
    },
    stop: async () => {
      await owner.end().catch(() => undefined);
      await withClient(maintenance, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}

/** Runs `work` with a fresh database and drops it. */
export async function withDatabase<T>(
  work: (database: TestDatabase) => Promise<T>,
  options?: TestDatabaseOptions,
): Promise<T> {
  const database = await startDatabase(options);
  try {
    return await work(database);
  } finally {
    await database.stop();
  }
}

/** An empty database, not migrated: for tests of the migrations themselves. */
export async function startEmptyDatabase(): Promise<Pick<TestDatabase, 'name' | 'url' | 'stop'>> {
  const maintenance = maintenanceUrl();
  const name = `${CLONE_PREFIX}${Math.floor(Date.now() / 1_000)}_${randomBytes(6).toString('hex')}`;
  await withClient(maintenance, (client) => client.query(`create database ${name}`));
  return {
    name,
    url: withDatabaseName(maintenance, name),
    stop: async () => {
      await withClient(maintenance, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}

function maintenanceUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (url === undefined || url === '') {
    throw new Error(
      'TEST_DATABASE_URL is missing: integration tests need a PostgreSQL 15 or newer where they may create databases; `npm test` starts one',
    );
  }
  return url;
}

/** The migrated template of this schema; made under the lock, and under another name until it is whole. */
async function ensureTemplate(client: Client, maintenance: string): Promise<string> {
  const template = `${TEMPLATE_PREFIX}${(await schemaHash()).slice(0, 16)}`;
  const { rows } = await client.query('select from pg_database where datname = $1', [template]);
  if (rows.length > 0) return template;
  await dropStale(client);
  const unfinished = `${CLONE_PREFIX}${Math.floor(Date.now() / 1_000)}_${randomBytes(6).toString('hex')}`;
  await client.query(`create database ${unfinished}`);
  try {
    await migrate(withDatabaseName(maintenance, unfinished));
  } catch (error) {
    await client.query(`drop database if exists ${unfinished} with (force)`);
    throw error;
  }
  await client.query(`alter database ${unfinished} rename to ${template}`);
  return template;
}

/** What killed test runs left behind, and templates of schemas that are no more. */
async function dropStale(client: Client): Promise<void> {
  const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
  const oldest = Math.floor(Date.now() / 1_000) - STALE_SECONDS;
  for (const { datname } of rows) {
    const made = new RegExp(`^${CLONE_PREFIX}(\\d{10})_[0-9a-f]{12}$`).exec(datname)?.[1];
    const stale = datname.startsWith(TEMPLATE_PREFIX) || (made !== undefined && Number(made) < oldest);
    if (stale) await client.query(`drop database if exists ${datname}`).catch(() => undefined);
  }
}

const SEARCH_PATH = `search_path=${CLOCK_SCHEMA},pg_catalog,public`;

async function makeClockMovable(owner: Client): Promise<void> {
  await owner.query(`
    create schema ${CLOCK_SCHEMA};
    create table ${CLOCK_SCHEMA}.moved (by_ms double precision not null);
    insert into ${CLOCK_SCHEMA}.moved values (0);
    create function ${CLOCK_SCHEMA}.clock_timestamp() returns timestamptz language sql volatile as $$
      select pg_catalog.clock_timestamp() + make_interval(secs => by_ms / 1000) from ${CLOCK_SCHEMA}.moved
    $$;
    grant usage on schema ${CLOCK_SCHEMA} to public;
    grant select on ${CLOCK_SCHEMA}.moved to public;
  `);
}

function withDatabaseName(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function withOptions(url: string, settings: readonly string[]): string {
  if (settings.length === 0) return url;
  const changed = new URL(url);
  changed.searchParams.set('options', settings.map((setting) => `-c ${setting}`).join(' '));
  // A plus is not a space to everybody who reads connection strings.
  changed.search = changed.search.replaceAll('+', '%20');
  return changed.href;
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
