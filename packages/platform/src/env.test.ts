/** Tests that a bad environment is told whole, without secrets, and that a good one is read. */
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ConfigProblems, loadOrExit } from './config-problems.ts';
import { type Environment, type ParseEnvOptions, parseEnv } from './env.ts';
import {
  auditKey,
  boolean01,
  databaseUrl,
  int,
  keyEncryptionKey,
  list,
  logLevel,
  port,
  sallyportEnv,
  secretText,
  url,
} from './env-fragments.ts';

const hexKey = '00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978';

const schema = z.object({
  SALLYPORT_ENV: sallyportEnv(),
  SALLYPORT_BROKER_PORT: port(8080),
  SALLYPORT_ISSUER: url().default('http://localhost:8080'),
  SALLYPORT_AUDIT_KEY: auditKey().optional(),
  DATABASE_URL: databaseUrl(),
  SLACK_BOT_TOKEN: secretText().optional(),
  SLACK_TEAM_IDS: list(),
  SALLYPORT_ALLOW_HTTP_ISSUERS: boolean01().optional(),
  LOG_LEVEL: logLevel(),
});
const good = { DATABASE_URL: 'postgres://u:pw-canary@db/sallyport' };

function problemsOf(env: Environment, opts?: ParseEnvOptions): readonly { name: string; problem: string }[] {
  try {
    parseEnv(schema, env, opts);
  } catch (thrown) {
    if (thrown instanceof ConfigProblems) return thrown.problems;
    throw thrown;
  }
  return [];
}

describe('parseEnv', () => {
  test('an environment with only what has no default is read with the defaults', () => {
    const config = parseEnv(schema, good);
    expect(config).toMatchObject({
      SALLYPORT_ENV: 'development',
      SALLYPORT_BROKER_PORT: 8080,
      SALLYPORT_ISSUER: 'http://localhost:8080',
      SLACK_TEAM_IDS: [],
      LOG_LEVEL: 'info',
    });
    expect(config.DATABASE_URL.reveal()).toBe(good.DATABASE_URL);
    expect(config.SALLYPORT_AUDIT_KEY).toBeUndefined();
    expect(config.SALLYPORT_ALLOW_HTTP_ISSUERS).toBeUndefined();
    expect(parseEnv(schema, { ...good, SALLYPORT_ALLOW_HTTP_ISSUERS: '1' }).SALLYPORT_ALLOW_HTTP_ISSUERS).toBe(true);
  });

  test('every problem is told at once, one line each, with what to do', () => {
    const found = problemsOf({
      SALLYPORT_ENV: 'staging',
      SALLYPORT_BROKER_PORT: '99999',
      SALLYPORT_ISSUER: 'localhost',
      SALLYPORT_AUDIT_KEY: 'short',
      SALLYPORT_ALLOW_HTTP_ISSUERS: 'yes',
      SALLYPORT_ISUER: 'http://x',
      LOG_LEVEL: 'loud',
    });
    expect(Object.fromEntries(found.map((p) => [p.name, p.problem]))).toEqual({
      SALLYPORT_ENV: 'must be development or production (it is "staging")',
      SALLYPORT_BROKER_PORT: 'must be a whole number from 0 to 65535 (it is "99999")',
      SALLYPORT_ISSUER: 'must be an absolute URL (http://… or https://…) (it is "localhost")',
      SALLYPORT_AUDIT_KEY: 'must be at least 32 random bytes in hex or base64url; make one with: openssl rand -hex 32',
      SALLYPORT_ALLOW_HTTP_ISSUERS: 'must be 0 or 1 (it is "yes")',
      SALLYPORT_ISUER: 'is not a setting: remove it, or did you mean SALLYPORT_ISSUER?',
      LOG_LEVEL: 'must be one of trace, debug, info, warn, error, fatal, silent (it is "loud")',
      DATABASE_URL: 'is missing: set DATABASE_URL or DATABASE_URL_FILE',
    });
    expect(new ConfigProblems(found).message.split('\n')).toHaveLength(found.length);
  });

  test('each of them alone is told too', () => {
    expect(problemsOf({ ...good, SALLYPORT_BROKER_PORT: '80a' })).toHaveLength(1);
    expect(problemsOf({ ...good, SALLYPORT_BROKER_PORT: '-1' })).toHaveLength(1);
    expect(problemsOf({ ...good, SALLYPORT_BROKER_PORT: ' 80' })).toHaveLength(1);
  });

  test('known SALLYPORT_ names of other programs are accepted, unknown ones refused, foreign ones ignored', () => {
    expect(problemsOf({ ...good, SALLYPORT_TOKEN: 'x', SALLYPORT_STANDIN_PORT: 'x', PATH: '/bin' })).toEqual([]);
    expect(problemsOf({ ...good, SALLYPORT_AUDIT_KEY_FILE: '/k' }, { readFile: () => hexKey })).toEqual([]);
    expect(problemsOf({ ...good, SALLYPORT_DEVICE_SECRET: 'x' }).map((p) => p.name)).toEqual([
      'SALLYPORT_DEVICE_SECRET',
    ]);
    expect(problemsOf({ ...good, SALLYPORT_BROKER_PORT_FILE: '/p' })[0]?.problem).toContain('only secrets');
  });

  test('an empty variable counts as absent', () => {
    expect(problemsOf({ DATABASE_URL: '' }).map((p) => p.name)).toEqual(['DATABASE_URL']);
    expect(parseEnv(schema, { ...good, SALLYPORT_BROKER_PORT: '', SALLYPORT_UNKNOWN: '' }).SALLYPORT_BROKER_PORT).toBe(
      8080,
    );
  });

  test('a secret may come from a file, without its last line break', () => {
    const files: Record<string, string> = { '/run/db': 'postgres://u@db/x\n', '/run/key': `${hexKey}\r\n` };
    const readFile = (path: string) => files[path] ?? '';
    const config = parseEnv(
      schema,
      { DATABASE_URL_FILE: '/run/db', SALLYPORT_AUDIT_KEY_FILE: '/run/key' },
      { readFile },
    );
    expect(config.DATABASE_URL.reveal()).toBe('postgres://u@db/x');
    expect(Buffer.from(config.SALLYPORT_AUDIT_KEY?.reveal() ?? []).toString('hex')).toBe(hexKey);
  });

  test('a secret given twice, in an unreadable file or in an empty one is one problem each', () => {
    expect(problemsOf({ ...good, DATABASE_URL_FILE: '/x' }, { readFile: () => 'x' })).toEqual([
      { name: 'DATABASE_URL', problem: 'is set twice: keep DATABASE_URL or DATABASE_URL_FILE, not both' },
    ]);
    expect(problemsOf({ DATABASE_URL_FILE: '/no/such/file' })).toEqual([
      {
        name: 'DATABASE_URL',
        problem: 'the file DATABASE_URL_FILE points to cannot be read (ENOENT): /no/such/file',
      },
    ]);
    expect(problemsOf({ DATABASE_URL_FILE: '/empty' }, { readFile: () => '\n' })).toHaveLength(1);
  });

  test('I-15: no problem repeats a secret', () => {
    const found = problemsOf({
      DATABASE_URL: 'mysql://u:pw-canary@db',
      SALLYPORT_AUDIT_KEY: 'key-canary!',
      SLACK_BOT_TOKEN: 'bot-canary\nsecond',
      SALLYPORT_ISSUER: 'https://u:pw-canary@issuer',
    });
    expect(found).toHaveLength(4);
    expect(new ConfigProblems(found).message).not.toContain('canary');
  });

  test('production refuses a missing key and weak secrets; development takes them', () => {
    const weak = { ...good, SALLYPORT_AUDIT_KEY: 'ab'.repeat(32), SLACK_BOT_TOKEN: 'changeme' };
    expect(problemsOf(weak)).toEqual([]);
    const production = { ...weak, SALLYPORT_ENV: 'production' };
    expect(problemsOf(production).map((p) => p.name)).toEqual(['SALLYPORT_AUDIT_KEY', 'SLACK_BOT_TOKEN']);
    const requiredInProduction = ['SALLYPORT_AUDIT_KEY', 'SALLYPORT_ISSUER'];
    const bare = { ...good, SALLYPORT_ENV: 'production' };
    expect(problemsOf(bare, { requiredInProduction }).map((p) => p.name)).toEqual(requiredInProduction);
    expect(problemsOf({ ...bare, SALLYPORT_AUDIT_KEY: hexKey })).toEqual([]);
  });

  test('the audit key is taken as hex and as base64url', () => {
    const bytes = Buffer.from(hexKey, 'hex');
    const read = (text: string) =>
      parseEnv(schema, { ...good, SALLYPORT_AUDIT_KEY: text }).SALLYPORT_AUDIT_KEY?.reveal();
    expect(Buffer.from(read(hexKey.toUpperCase()) ?? [])).toEqual(bytes);
    expect(Buffer.from(read(bytes.toString('base64url')) ?? [])).toEqual(bytes);
    expect(problemsOf({ ...good, SALLYPORT_AUDIT_KEY: hexKey.slice(2) })).toHaveLength(1);
  });

  test('the key-encryption key has 32 bytes, no more and no less', () => {
    const one = z.object({ SALLYPORT_ENV: sallyportEnv(), SALLYPORT_KEY_ENCRYPTION_KEY: keyEncryptionKey() });
    const read = (text: string, env = 'development') =>
      parseEnv(one, { SALLYPORT_ENV: env, SALLYPORT_KEY_ENCRYPTION_KEY: text }).SALLYPORT_KEY_ENCRYPTION_KEY.reveal();
    const bytes = Buffer.from(hexKey, 'hex');
    expect([Buffer.from(read(hexKey)), Buffer.from(read(bytes.toString('base64url')))]).toEqual([bytes, bytes]);
    for (const text of [hexKey.slice(2), `${hexKey}00`, 'x', '!']) expect(() => read(text)).toThrow('32 random bytes');
    expect(() => read('00'.repeat(32), 'production')).toThrow('not random enough');
  });

  test('a secret stays one below refine, default and optional', () => {
    const deep = z.object({
      A: secretText()
        .refine((s) => s.reveal() !== 'x')
        .optional(),
      B: int({ min: 1, max: 2 }),
    });
    expect(parseEnv(deep, { A_FILE: '/a', B: '1' }, { readFile: () => 'from-file' }).A?.reveal()).toBe('from-file');
  });

  test('further checks of a program run although the schema complained', () => {
    const also = () => [{ name: 'SLACK_MODE', problem: 'socket needs SLACK_APP_TOKEN' }];
    expect(problemsOf({}, { also }).map((p) => p.name)).toEqual(['DATABASE_URL', 'SLACK_MODE']);
  });

  test('a list is trimmed and has nothing twice', () => {
    expect(parseEnv(schema, { ...good, SLACK_TEAM_IDS: ' T1, T2,,T1 ' }).SLACK_TEAM_IDS).toEqual(['T1', 'T2']);
  });
});

describe('loadOrExit', () => {
  const ended = new Error('ended');

  test('problems go to stderr and the program ends with 78', () => {
    const said: unknown[] = [];
    const door = {
      print: (text: string) => said.push(text),
      exit: (code: number): never => {
        said.push(code);
        throw ended;
      },
    };
    const load = () => {
      throw new ConfigProblems([
        { name: 'A', problem: 'is bad' },
        { name: 'B', problem: 'is worse' },
      ]);
    };
    expect(() => loadOrExit(load, door)).toThrow(ended);
    expect(said).toEqual(['configuration: 2 problems\nA: is bad\nB: is worse\n', 78]);
  });

  test('a bug is thrown on, a value given back', () => {
    expect(loadOrExit(() => 7)).toBe(7);
    expect(() =>
      loadOrExit(() => {
        throw ended;
      }),
    ).toThrow(ended);
  });
});
