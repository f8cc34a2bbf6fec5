/** The lines of docs/federation/postgresql.md are read by PostgreSQL 18 itself: one without a network, started for one question. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';

jest.setTimeout(120_000);
const LOCAL = new URL('../../../infra/local/', import.meta.url);
const PAGE = new URL('../../../docs/federation/postgresql.md', import.meta.url);
const RUN_MS = 60_000;

interface User {
  readonly uid: number;
  readonly gid: number;
}
interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly major: string;
}
/** What `npm start` finds its PostgreSQL with. */
interface Stores {
  storeUser(folder: undefined): Promise<User | undefined>;
  postgresBinaries(folder: string, user: User | undefined): Promise<Binaries>;
}

const folder = mkdtempSync(join(tmpdir(), 'sallyport-pg-'));
const data = join(folder, 'data');
let user: User | undefined;
let binaries: Binaries;

beforeAll(async () => {
  const stores = {
    ...((await import(new URL('os-user.mjs', LOCAL).href)) as Pick<Stores, 'storeUser'>),
    ...((await import(new URL('stores/postgres-binaries.mjs', LOCAL).href)) as Pick<Stores, 'postgresBinaries'>),
  };
  user = await stores.storeUser(undefined);
  chmodSync(folder, 0o755);
  binaries = await stores.postgresBinaries(folder, user);
  mkdirSync(data, { mode: 0o700 });
  if (user !== undefined) chownSync(data, user.uid, user.gid);
  run(binaries.initdb, ['-D', data, '-U', 'postgres', '--auth=reject', '--no-locale', '--encoding=UTF8']);
  for (const [file, block] of [
    ['pg_hba.conf', 'hba'],
    ['pg_ident.conf', 'ident'],
  ] as const) {
    writeFileSync(join(data, file), blockOf(block));
  }
  writeFileSync(join(data, 'postgresql.auto.conf'), blockOf('conf'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function blockOf(language: string): string {
  return new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(readFileSync(PAGE, 'utf8'))?.[1] ?? '';
}

function run(command: string, args: readonly string[], input = ''): string {
  const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
  const done = spawnSync(command, args, { input, env, cwd: '/', timeout: RUN_MS, encoding: 'utf8', ...user });
  if (done.status !== 0) throw new Error(`${command} ended with ${done.status}: ${done.stderr}`);
  return done.stdout;
}

/** Asks a server in single-user mode, which prints one value as ` 1: name = "value" (typeid …`. */
function ask(query: string): unknown {
  const said = run(binaries.postgres, ['--single', '-D', data, 'postgres'], `${query}\n`);
  const [, value = ''] = /1: answer = "(.*)"\s+\(typeid/.exec(said) ?? [];
  return JSON.parse(value);
}

test('it is PostgreSQL 18', () => {
  expect(binaries.major).toBe('18');
});

test('pg_hba.conf: every line is for oauth, with issuer, scope, map and validator, and none has an error', () => {
  const options = (scope: string) => [
    'map=sallyport',
    'issuer=https://sallyport.acme.test',
    `scope=${scope}`,
    'validator=pg_oidc_validator',
  ];
  const columns = 'type, database, user_name, auth_method, options, error';
  expect(ask(`select jsonb_agg(line) as answer from (select ${columns} from pg_hba_file_rules) line`)).toEqual(
    [
      ['orders_ro', 'pg:orders:read'],
      ['orders_rw', 'pg:orders:write'],
    ].map(([role, scope = '']) => ({
      type: 'hostssl',
      database: ['orders'],
      user_name: [role],
      auth_method: 'oauth',
      options: options(scope),
      error: null,
    })),
  );
});

test('pg_ident.conf: subjects as they are in tokens, regular expressions understood', () => {
  const columns = 'map_name, sys_name, pg_username, error';
  expect(ask(`select jsonb_agg(line) as answer from (select ${columns} from pg_ident_file_mappings) line`)).toEqual([
    { map_name: 'sallyport', sys_name: 'workload:payments-deploy', pg_username: 'orders_rw', error: null },
    { map_name: 'sallyport', sys_name: '/^person:[^@]+@acme\\.test$', pg_username: 'orders_ro', error: null },
    { map_name: 'sallyport', sys_name: '/^person:[^@]+@acme\\.test$', pg_username: 'orders_rw', error: null },
  ]);
});

test('the bounds of a session are settings of this PostgreSQL', () => {
  const names = [...blockOf('sql').matchAll(/ set (\w+) = /g)].map(([, name]) => name);
  expect(names.length).toBe(3);
  const list = names.map((name) => `'${name}'`).join(', ');
  expect(ask(`select to_jsonb(count(*)) as answer from pg_settings where name in (${list})`)).toBe(names.length);
});
