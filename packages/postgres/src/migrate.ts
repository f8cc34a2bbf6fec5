/** Owns the schema's way forward: migrations in order, once each, by one at a time; then the roles. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { serverError } from './faults.ts';

/** One migration as shipped. */
export interface Migration {
  /** `000001`. */
  readonly version: string;
  /** `cases`. */
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

export interface Migrated {
  /** Versions applied by this run, in order. */
  readonly applied: readonly string[];
  /** Why roles or their rights could not be set; the triggers still hold. */
  readonly warning?: string;
}

/** A migration that was applied is not the one shipped: somebody edited history. */
export class MigrationChanged extends Error {
  readonly version: string;
  constructor(version: string) {
    super(`migration ${version} was changed after it was applied: write a new one instead`);
    this.name = 'MigrationChanged';
    this.version = version;
  }
}

/** `src/` and `dist/` lie beside `migrations/`, so this is right for both. */
const MIGRATIONS = new URL('../migrations/', import.meta.url);
const ROLES = new URL('../../../infra/postgres/roles.sql', import.meta.url);
const FILE_NAME = /^(\d{6})_([a-z0-9_]+)\.sql$/;
/** Two numbers nobody else locks on: our own class of advisory locks, and the schema. */
const LOCK = 'select pg_advisory_lock(7235, 1)';
const UNLOCK = 'select pg_advisory_unlock(7235, 1)';
const LOCK_WAIT_MS = 60_000;
const CONNECT_MS = 5_000;
const ROLE_TRIES_MAX = 5;

/** The shipped migrations, in order. */
export async function migrations(folder: URL = MIGRATIONS): Promise<readonly Migration[]> {
  const files = (await readdir(folder)).filter((file) => FILE_NAME.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const sql = await readFile(new URL(file, folder), 'utf8');
      const [, version = '', name = ''] = FILE_NAME.exec(file) ?? [];
      return { version, name, sql, sha256: sha256(sql) };
    }),
  );
}

/** One hash over all migrations: names the schema they make. */
export async function schemaHash(): Promise<string> {
  return sha256((await migrations()).map((migration) => migration.sha256).join('\n'));
}

/**
 * Brings a database to the newest schema. Safe to call by many at once and again: one runs, the others wait and find it done.
 * Each migration is one transaction. Throws MigrationChanged, or what Postgres says. A database that is ahead is left alone.
 */
export async function migrate(url: string): Promise<Migrated> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: 'sallyport migrate',
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`set lock_timeout = ${LOCK_WAIT_MS}`);
    await client.query(LOCK);
    const applied = await applyMissing(client);
    const warning = await applyRoles(client);
    await client.query(UNLOCK);
    return { applied, ...(warning === undefined ? {} : { warning }) };
  } finally {
    await client.end();
  }
}

/** Read once: /readyz asks often, and what was shipped does not change. */
let shipped: ReturnType<typeof migrations> | undefined;

/** Versions of shipped migrations that a database lacks; empty: it is ready for this program. */
export async function missingMigrations(
  rows: (text: string) => Promise<readonly { readonly version: string }[]>,
): Promise<readonly string[]> {
  shipped ??= migrations();
  const known = await rows('select version from schema_migrations').catch((error: unknown) => {
    if (serverError(error)?.code === '42P01') return [];
    throw error;
  });
  const applied = new Set(known.map((row) => row.version));
  return (await shipped).map((migration) => migration.version).filter((version) => !applied.has(version));
}

async function applyMissing(client: Client): Promise<readonly string[]> {
  await client.query(`create table if not exists schema_migrations (
    version text primary key,
    name text not null,
    sha256 text not null,
    applied_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp())
  )`);
  const { rows } = await client.query<{ version: string; sha256: string }>(
    'select version, sha256 from schema_migrations',
  );
  const known = new Map(rows.map((row) => [row.version, row.sha256]));
  const applied: string[] = [];
  for (const migration of await migrations()) {
    const before = known.get(migration.version);
    if (before !== undefined && before !== migration.sha256) throw new MigrationChanged(migration.version);
    if (before !== undefined) continue;
    await applyOne(client, migration);
    applied.push(migration.version);
  }
  return applied;
}

async function applyOne(client: Client, { version, name, sql, sha256: hash }: Migration): Promise<void> {
  await inTransaction(client, async () => {
    await client.query(sql);
    await client.query('insert into schema_migrations (version, name, sha256) values ($1, $2, $3)', [
      version,
      name,
      hash,
    ]);
  });
}

/** Roles live in the server, not the database: another database's migration may be making them at the same moment. */
async function applyRoles(client: Client): Promise<string | undefined> {
  const sql = await readFile(ROLES, 'utf8').catch(() => undefined);
  if (sql === undefined) return 'infra/postgres/roles.sql is not there: roles and rights were left as they are';
  for (let tries = 1; ; tries++) {
    try {
      await inTransaction(client, () => client.query(sql));
      return undefined;
    } catch (error) {
      const code = serverError(error)?.code;
      if (code === '42501')
        return 'no right to make roles or grant them: programs run with the rights of their own user';
      // XX000: tuple concurrently updated, by the other migration.
      if (code !== 'XX000' || tries >= ROLE_TRIES_MAX) throw error;
    }
  }
}

async function inTransaction(client: Client, work: () => Promise<unknown>): Promise<void> {
  await client.query('begin');
  try {
    await work();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
