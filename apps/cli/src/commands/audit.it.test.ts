/** `sallyport audit` and `sallyport migrate` on a real Postgres. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseRequestId } from '@sallyport/core';
import { parseCompiled, serializePolicy } from '@sallyport/policy';
import { openPostgres } from '@sallyport/postgres';
import { PATIENT, startDatabase, startEmptyDatabase, type TestDatabase } from '@sallyport/testkit';
import { EXIT } from '../exit-codes.ts';
import { REQUEST } from '../testing/answers.ts';
import { stage } from '../testing/stage.ts';

const KEY = randomBytes(32);
const ROWS = 5;
let database: TestDatabase;
let folder = '';
let env: Readonly<Record<string, string>> = {};
let exported: readonly string[] = [];

beforeAll(async () => {
  database = await startDatabase();
  folder = await mkdtemp(join(tmpdir(), 'audit-'));
  env = { DATABASE_URL: database.url, SALLYPORT_AUDIT_KEY: KEY.toString('hex') };
  await writeRows(database.url);
  exported = (await stage(['audit', 'export'], { env })).stdout.trimEnd().split('\n');
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await database.stop();
});

/** Four rows about no request and one about a request, all by one connection: one lane. */
async function writeRows(url: string): Promise<void> {
  const postgres = openPostgres({
    url,
    auditKey: KEY,
    instance: 'test',
    patience: PATIENT,
    policyCodec: { parse: parseCompiled, serialize: serializePolicy },
    alarm: () => undefined,
    connectionsMax: 1,
  });
  const by = { door: 'rest', traceId: 'trace-1' } as const;
  for (let row = 1; row < ROWS; row++) await postgres.journal.append('program.started', by, { row });
  const requestId = parseRequestId(REQUEST);
  if (requestId === undefined) throw new Error('an id of the tests is none');
  await postgres.ledger.note({ refusal: { code: 'own_request' }, by, attempted: 'decide', requestId });
  await postgres.close();
}

async function verifyLines(lines: readonly string[], more: readonly string[] = []) {
  const file = join(folder, 'trail.jsonl');
  await writeFile(file, lines.map((line) => `${line}\n`).join(''));
  return stage(['audit', 'verify', file, ...more], { env });
}

describe('export', () => {
  test('is a header and one JSON line per row', () => {
    const [header, ...rows] = exported.map((line) => JSON.parse(line));
    expect(header).toMatchObject({ v: 1, request: null });
    expect(rows.length).toBe(ROWS);
    expect(rows[0]).toMatchObject({ type: 'program.started', door: 'rest', mac_key: expect.any(String) });
  });

  test('--request gives the rows of that request only, and says so', async () => {
    const { exit, stdout } = await stage(['audit', 'export', '--request', REQUEST], { env });
    const [header, ...rows] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([exit, header.request, rows.length]).toEqual([EXIT.done, REQUEST, 1]);
    expect(rows[0]).toMatchObject({ type: 'attempt.refused', attempted: 'decide', reason_code: 'own_request' });
    const verified = await verifyLines(stdout.trimEnd().split('\n'));
    expect(verified.exit).toBe(EXIT.done);
    expect(verified.stdout).toContain('cannot show whether rows are missing');
  });
});

describe('verify', () => {
  test('the database, a file and stdin: all of it holds', async () => {
    const whole = /the audit trail verifies: 5 rows, every seal holds and no row is missing\n/;
    const fromDatabase = await stage(['audit', 'verify'], { env });
    expect([fromDatabase.exit, fromDatabase.stderr]).toEqual([EXIT.done, '']);
    expect(fromDatabase.stdout).toMatch(whole);
    expect((await verifyLines(exported)).stdout).toMatch(whole);
    const stdin = exported.map((line) => `${line}\r\n`);
    expect((await stage(['audit', 'verify', '-'], { env, stdin })).stdout).toMatch(whole);
  });

  const tampered: readonly (readonly [string, (lines: readonly string[]) => readonly string[], number, string])[] = [
    [
      'a changed word',
      (lines) => lines.map((line, at) => (at === 3 ? line.replace('rest', 'oauth') : line)),
      3,
      'mac_mismatch',
    ],
    ['a row deleted', (lines) => lines.filter((_, at) => at !== 2), 2, 'lane_hole'],
    ['a row doubled', (lines) => lines.flatMap((line, at) => (at === 2 ? [line, line] : [line])), 3, 'lane_hole'],
    ['two rows swapped', ([header = '', a = '', b = '', ...rest]) => [header, b, a, ...rest], 1, 'lane_hole'],
    ['a line of something else', (lines) => lines.with(4, '{"leaf":'), 4, 'unreadable'],
    ['a cut line', (lines) => lines.with(5, (lines[5] ?? '').slice(0, -20)), 5, 'unreadable'],
  ];

  test.each(tampered)('%s is found, with its row and kind', async (_, change, row, kind) => {
    const { exit, stdout } = await verifyLines(change(exported));
    expect(exit).toBe(EXIT.problem);
    expect(stdout).toContain(`row ${row} is the first bad one`);
    expect(stdout).toContain(`\n${kind}: `);
    const forMachines = await verifyLines(change(exported), ['--json']);
    expect(JSON.parse(forMachines.stdout)).toMatchObject({ ok: false, bad: { row, kind } });
  });

  test('another key is told apart from tampering', async () => {
    const { exit, stdout } = await stage(['audit', 'verify'], {
      env: { ...env, SALLYPORT_AUDIT_KEY: randomBytes(32).toString('base64url') },
    });
    expect(exit).toBe(EXIT.problem);
    expect(stdout).toContain('is SALLYPORT_AUDIT_KEY the one the programs run with?');
  });

  test('a row changed in the database is found', async () => {
    const changed = await startDatabase();
    try {
      await writeRows(changed.url);
      await changed.sql('alter table audit disable trigger all');
      await changed.sql(`update audit set leaf = overlay(leaf placing 'X' from 20 for 1) where counter = 2`);
      const { exit, stdout } = await stage(['audit', 'verify'], { env: { ...env, DATABASE_URL: changed.url } });
      expect(exit).toBe(EXIT.problem);
      expect(stdout).toContain('row 2 is the first bad one');
      expect(stdout).toContain('mac_mismatch');
    } finally {
      await changed.stop();
    }
  });

  test('an empty file is no audit trail', async () => {
    expect((await verifyLines([])).exit).toBe(EXIT.problem);
  });

  test('a file that is not there is a wrong argument', async () => {
    const { exit, stderr } = await stage(['audit', 'verify', join(folder, 'nowhere')], { env });
    expect(exit).toBe(EXIT.usage);
    expect(stderr).toContain('there is no');
  });
});

describe('a database that is not there, or not ready', () => {
  test('unreachable is 69', async () => {
    const away = { ...env, DATABASE_URL: 'postgres://nobody@127.0.0.1:4/nothing' };
    for (const args of [['audit', 'export'], ['audit', 'verify'], ['migrate']]) {
      const { exit, stderr } = await stage(args, { env: away });
      expect([exit, args]).toEqual([EXIT.unreachable, args]);
      expect(stderr).toContain('Postgres does not answer');
    }
  });

  test('migrate brings an empty one to the schema, once; before, audit says what to do', async () => {
    const empty = await startEmptyDatabase();
    const here = { ...env, DATABASE_URL: empty.url };
    try {
      const before = await stage(['audit', 'verify'], { env: here });
      expect([before.exit, before.stderr.includes('sallyport migrate')]).toEqual([EXIT.configuration, true]);
      const first = await stage(['migrate'], { env: here });
      expect(first.exit).toBe(EXIT.done);
      expect(first.stdout).toMatch(/^applied 000001 cases\n/);
      const second = await stage(['migrate'], { env: here });
      expect([second.exit, second.stdout]).toEqual([EXIT.done, 'nothing to do: the schema is the newest\n']);
      expect((await stage(['audit', 'verify'], { env: here })).exit).toBe(EXIT.done);
    } finally {
      await empty.stop();
    }
  });

  test('a password that is wrong is a setting', async () => {
    const url = new URL(database.url);
    url.username = 'nobody_of_this_name';
    const { exit } = await stage(['audit', 'export'], { env: { ...env, DATABASE_URL: url.href } });
    expect(exit).toBe(EXIT.configuration);
  });
});

describe('doctor', () => {
  test('says that no policy is in force, and what to do', async () => {
    const { exit, stdout } = await stage(['doctor', '--json'], { env });
    const postgres = JSON.parse(stdout).findings.find((one: { name: string }) => one.name === 'postgres');
    expect(exit).toBe(EXIT.problem);
    expect(postgres).toMatchObject({
      state: 'wrong',
      said: 'no policy in force',
      next: expect.stringContaining('worker'),
    });
  });
});
