/** Shows the migrations' laws: once each, one at a time, never rewritten; and what each program's role may and may not. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startDatabase, startEmptyDatabase, type TestDatabase } from '@sallyport/testkit';
import { Client } from 'pg';
import { migrate, migrations } from './migrate.ts';
import { urlWithRole } from './program-role.ts';

describe('migrate', () => {
  test('brings an empty database to the newest schema, and the second time does nothing', async () => {
    const database = await startEmptyDatabase();
    try {
      const shipped = (await migrations()).map((one) => one.version);
      expect(shipped.length).toBeGreaterThanOrEqual(4);
      expect(await migrate(database.url)).toEqual({ applied: shipped });
      expect(await migrate(database.url)).toEqual({ applied: [] });
    } finally {
      await database.stop();
    }
  });

  test('many at once: each migration is applied by exactly one of them', async () => {
    const database = await startEmptyDatabase();
    try {
      const runs = await Promise.all(Array.from({ length: 4 }, () => migrate(database.url)));
      const shipped = (await migrations()).map((one) => one.version);
      expect(runs.flatMap((run) => run.applied).sort()).toEqual(shipped);
    } finally {
      await database.stop();
    }
  });

  test('an applied migration that was changed is refused; a database that is ahead is left alone', async () => {
    const database = await startDatabase();
    try {
      await database.sql(
        `insert into schema_migrations (version, name, sha256) values ('999999', 'future', repeat('0', 64))`,
      );
      expect(await migrate(database.url)).toEqual({ applied: [] });
      await database.sql(`update schema_migrations set sha256 = repeat('0', 64) where version = '000002'`);
      await expect(migrate(database.url)).rejects.toMatchObject({ name: 'MigrationChanged', version: '000002' });
    } finally {
      await database.stop();
    }
  });

  test('without the right to make or grant roles: a warning, and the schema is there', async () => {
    const database = await startEmptyDatabase();
    const user = `sallyport_test_plain_${process.pid}`;
    const admin = new Client({ connectionString: database.url });
    await admin.connect();
    try {
      await admin.query(`create role ${user}`);
      await admin.query(`grant all on schema public to ${user}`);
      const migrated = await migrate(`${database.url}?options=-c%20role%3D${user}`);
      expect(migrated.applied.length).toBeGreaterThanOrEqual(4);
      expect(migrated.warning).toMatch(/no right to make roles/);
    } finally {
      await admin.query(`drop owned by ${user} cascade`);
      await admin.query(`drop role ${user}`);
      await admin.end();
      await database.stop();
    }
  });
});

describe('roles', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startDatabase();
  });
  afterAll(() => database.stop());

  const as = async (role: 'sallyport_broker' | 'sallyport_slack' | 'sallyport_worker', text: string) => {
    const client = new Client({ connectionString: urlWithRole(database.url, role) });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };

  test('a connection string takes a program’s role', async () => {
    expect(await as('sallyport_slack', 'select current_user as who')).toEqual([{ who: 'sallyport_slack' }]);
    const url = urlWithRole('postgres://a:p%2Bw+x@h/db?options=-c%20search_path%3Dx', 'sallyport_worker');
    expect(url).toBe('postgres://a:p%2Bw+x@h/db?options=-c%20search_path%3Dx%20-c%20role%3Dsallyport_worker');
  });

  const roles = ['sallyport_broker', 'sallyport_slack', 'sallyport_worker'] as const;

  test.each(roles)('%s cannot change what is only ever added to, nor the schema', async (role) => {
    for (const table of ['audit', 'decisions', 'tokens', 'token_revocations', 'policy_versions']) {
      await expect(as(role, `update ${table} set mac = 'x'`)).rejects.toThrow(/permission denied/);
      await expect(as(role, `delete from ${table}`)).rejects.toThrow(/permission denied/);
      await expect(as(role, `truncate ${table}`)).rejects.toThrow(/permission denied/);
      await expect(as(role, `alter table ${table} disable trigger all`)).rejects.toThrow(/must be owner/);
    }
    await expect(as(role, 'create table mine (id int)')).rejects.toThrow(/permission denied/);
    await expect(as(role, `update schema_migrations set sha256 = 'x'`)).rejects.toThrow(/permission denied/);
    expect(await as(role, 'select count(*)::int as rows from audit')).toEqual([{ rows: 0 }]);
  });

  test('the Slack app issues nothing and sees no handles; the worker decides nothing; neither moves what is not theirs', async () => {
    const refused = [
      ['sallyport_slack', 'insert into tokens default values'],
      ['sallyport_slack', 'insert into issuance_uses default values'],
      ['sallyport_slack', 'select from handles'],
      ['sallyport_slack', `update policy_in_force set version = 'x'`],
      ['sallyport_slack', `update outbox set event = 'x'`],
      ['sallyport_worker', 'insert into requests default values'],
      ['sallyport_worker', 'insert into decisions default values'],
      ['sallyport_worker', 'insert into grants default values'],
      ['sallyport_worker', 'insert into tokens default values'],
      ['sallyport_worker', 'insert into token_revocations default values'],
      ['sallyport_broker', `update policy_in_force set version = 'x'`],
      ['sallyport_broker', `update outbox set done_at = now()`],
      ['sallyport_broker', 'select from slack_messages'],
    ] as const;
    for (const [role, text] of refused) await expect(as(role, text)).rejects.toThrow(/permission denied/);
  });
});
