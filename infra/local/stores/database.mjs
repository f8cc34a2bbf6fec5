/** What the start scripts ask a Postgres server: does it answer, make a database, may we take the programs' roles. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { inRoot } from '../paths.mjs';

const CONNECT_MS = 5_000;

/** The `pg` package as packages/postgres has it: the scripts have no dependencies of their own. */
const loadPg = () => createRequire(inRoot('packages/postgres/package.json'))('pg');

/** Runs `work(client)` on a connection of its own. */
async function withClient(url, work) {
  const { Client } = loadPg();
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  client.on('error', () => undefined); // a connection cut while idle: the next query says so
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Connects once; throws what the driver says. */
export const ping = (url) => withClient(url, (client) => client.query('select 1'));

/** Makes the database unless it is there. `name` is ours, never from outside. */
export async function ensureDatabase(maintenanceUrl, name) {
  await withClient(maintenanceUrl, async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database "${name}"`);
  });
}

/** Which of these roles exist and may be taken by whoever `url` connects as. From 16 on membership alone is not enough. */
export async function usableRoles(url, names) {
  const mayTake = `case when current_setting('server_version_num')::int >= 160000
    then pg_has_role(current_user, oid, 'SET') else pg_has_role(current_user, oid, 'MEMBER') end`;
  const { rows } = await withClient(url, (client) =>
    client.query(`select rolname from pg_roles where rolname = any($1) and ${mayTake}`, [names]),
  );
  return rows.map((row) => row.rolname);
}

/** The same address under each role, as packages/postgres writes it: that must be compiled by now. */
export async function urlsWithRoles(url, roles) {
  const { urlWithRole } = await import(pathToFileURL(inRoot('packages/postgres/dist/index.js')).href);
  return Object.fromEntries(roles.map((role) => [role, urlWithRole(url, role)]));
}
