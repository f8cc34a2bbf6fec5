/** The broker and its key file: what it starts on, what it follows, and that it goes on when the file is bad or gone. */
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { after, hours, type Instant, instant } from '@sallyport/core';
import { ConfigProblems, createLogger, createMetrics } from '@sallyport/platform';
import {
  generateEntry,
  type KeyEntry,
  type KeyFile,
  type KeySet,
  type KeyWrapping,
  makeKeyWrapping,
  publish,
  spellKeyFile,
  startOver,
} from '@sallyport/tokens';
import { openSigningKeys, type SigningKeyFile, type SigningKeysOptions } from './signing-keys.ts';

jest.setTimeout(60_000);
const START = instant(Date.parse('2030-01-01T00:00:00Z'));
let pool: readonly KeyEntry[];
let folder = '';
let path = '';
let now: Instant;
let logged: Record<string, unknown>[];
let noted: KeySet[];
let metrics: ReturnType<typeof createMetrics>;
const opened: SigningKeyFile[] = [];

beforeAll(async () => {
  pool = await Promise.all([1, 2, 3].map(() => generateEntry('ES256', START)));
  folder = await mkdtemp(join(tmpdir(), 'signing-keys-'));
});
beforeEach(async () => {
  path = join(await mkdtemp(join(folder, 'case-')), 'keys.json');
  now = START;
  [logged, noted, metrics] = [[], [], createMetrics({ processMetrics: false })];
});
afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(opened.splice(0).map((keys) => keys.stop()));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const key = (index: number): KeyEntry => {
  const found = pool[index];
  if (found === undefined) throw new Error('no such key');
  return found;
};
const fileOf = (...keys: readonly number[]): KeyFile =>
  keys.reduce<KeyFile>((file, one) => publish(file, key(one), START).file, { keys: [], revoked: [] });
const write = async (text: string | KeyFile): Promise<void> => {
  await writeFile(`${path}.new`, typeof text === 'string' ? text : spellKeyFile(text), { mode: 0o600 });
  await rename(`${path}.new`, path);
};

async function open(change: Partial<SigningKeysOptions> = {}): Promise<SigningKeyFile> {
  const destination = { write: (line: string) => void logged.push(JSON.parse(line)) };
  const keys = await openSigningKeys({
    path,
    wrapping: undefined,
    production: true,
    logger: createLogger({ name: 'broker', level: 'debug', destination }),
    metrics,
    now: () => now,
    note: async (set) => void noted.push(set),
    ...change,
  });
  opened.push(keys);
  return keys;
}

const events = (level?: string) =>
  logged.filter((line) => level === undefined || line.level === level).map((line) => line.event);
const signer = (keys: SigningKeyFile) => keys.current().signing.ES256.kid;
const published = (keys: SigningKeyFile) => keys.current().published.map(({ kid }) => kid);

/** Only the interval is faked: no look comes but the one that is asked for. */
const TIMERS_LEFT = [
  'setTimeout',
  'clearTimeout',
  'setImmediate',
  'nextTick',
  'queueMicrotask',
  'performance',
  'Date',
] as const;

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('it never came to that');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function problemsOf(change: Partial<SigningKeysOptions> = {}): Promise<string> {
  const thrown: unknown = await open(change).catch((one: unknown) => one);
  if (!(thrown instanceof ConfigProblems)) throw new Error('it started');
  return thrown.message;
}

describe('at the start', () => {
  test('fault K2: without its file a broker does not start, and says how to make one; it never invents a key', async () => {
    expect(await problemsOf()).toMatch(/^SALLYPORT_SIGNING_KEYS: cannot be read \(ENOENT\).*keys generate --out/);
  });

  test('what is no key file is configuration, every problem at once', async () => {
    await write('{"keys":[{"kty":"EC"},null]}');
    expect((await problemsOf()).split('\n')).toHaveLength(2);
  });

  test.each([
    [0o644, /everybody may read it, and it is not encrypted/],
    [0o660, /others than its owner may write it/],
  ])('production: %o is refused', async (mode, words) => {
    await write(fileOf(0));
    await chmod(path, mode);
    expect(await problemsOf()).toMatch(words);
    await expect(open({ production: false })).resolves.toBeDefined();
  });

  test('an encrypted file needs its key-encryption key, and may then be read by all', async () => {
    const wrapping = makeKeyWrapping(new Uint8Array(32).fill(5));
    const wrapped = await generateEntry('ES256', START, wrapping);
    await write(publish({ keys: [], revoked: [] }, wrapped, START).file);
    await chmod(path, 0o644);
    expect(await problemsOf()).toMatch(/SALLYPORT_KEY_ENCRYPTION_KEY is not set/);
    expect(signer(await open({ wrapping }))).toBe(wrapped.kid);
  });

  test('without an RS256 key it starts, and says what will be refused', async () => {
    await write(fileOf(0));
    await (await open()).look();
    expect(events('warn')).toEqual(['keys.no_rs256']);
  });
});

describe('while it runs', () => {
  test('a good change is in force with the next look: published at once, signing in its hour', async () => {
    await write(fileOf(0));
    const keys = await open();
    await write(fileOf(0, 1));
    await keys.look();
    expect([signer(keys), published(keys)]).toEqual([key(0).kid, [key(0).kid, key(1).kid]]);
    now = after(now, hours(1));
    await write(fileOf(1, 0));
    await keys.look();
    expect(signer(keys)).toBe(key(1).kid);
  });

  test('a key put first too late waits for its hour without anybody doing a thing', async () => {
    await write(fileOf(0));
    const keys = await open();
    await write(fileOf(1, 0));
    await keys.look();
    expect([signer(keys), events('warn')]).toEqual([key(0).kid, expect.arrayContaining(['keys.signer_waits'])]);
    now = after(now, hours(1));
    await keys.look();
    expect(signer(keys)).toBe(key(1).kid);
  });

  test.each([
    ['half written', async () => write('{"keys":[')],
    ['empty', async () => write('')],
    ['gone', async () => rm(path)],
    ['without a private first key', async () => write(spellKeyFile(fileOf(1)).replace(/"d": "[^"]*",/, ''))],
    ['open to others', async () => chmod(path, 0o666)],
    ['too long', async () => write(' '.repeat(100_000))],
    ['a folder', async () => rm(path).then(() => mkdtemp(path))],
  ])('fault K2: %s: the last good set stays, with one alarm, until the file is good again', async (_, harm) => {
    await write(fileOf(0));
    const keys = await open();
    await keys.look();
    await harm();
    for (let look = 0; look < 5; look += 1) await keys.look();
    expect(signer(keys)).toBe(key(0).kid);
    expect(events('error')).toEqual(['keys.refused']);
    expect(await metrics.text()).toMatch(/^sallyport_signing_keys_reload_failures_total 1$/m);
    expect(await metrics.text()).toMatch(/^sallyport_signing_keys_behind_seconds 0\.\d+/m);
    await rm(path, { recursive: true, force: true });
    await write(fileOf(0, 1));
    await keys.look();
    expect(published(keys)).toHaveLength(2);
    expect(await metrics.text()).toMatch(/^sallyport_signing_keys_behind_seconds 0$/m);
  });

  test('a needed key left out is an alarm, and stays published', async () => {
    await write(fileOf(0, 1));
    const keys = await open();
    now = after(now, hours(1));
    await write(fileOf(1));
    await keys.look();
    await keys.look();
    expect([signer(keys), published(keys)]).toEqual([key(1).kid, [key(1).kid, key(0).kid]]);
    expect(events('error')).toEqual(['keys.missing']);
  });

  test('K3: after a leak the new keys alone are in force with the next look', async () => {
    await write(fileOf(0, 1));
    const keys = await open();
    await write(startOver(fileOf(0, 1), [key(2)], now).file);
    await keys.look();
    expect([signer(keys), published(keys)]).toEqual([key(2).kid, [key(2).kid]]);
    await write(fileOf(0, 1));
    await keys.look();
    expect([signer(keys), events('error')]).toEqual([key(2).kid, expect.arrayContaining(['keys.refused'])]);
  });

  test('a key service that is away keeps what was opened before; it is asked again', async () => {
    const wrapping = makeKeyWrapping(new Uint8Array(32).fill(5));
    let away = false;
    const service: KeyWrapping = {
      ...wrapping,
      unwrap: async (text) => {
        if (away) throw new Error('away');
        return wrapping.unwrap(text);
      },
    };
    const [one, two] = await Promise.all([1, 2].map(() => generateEntry('ES256', START, wrapping)));
    if (one === undefined || two === undefined) throw new Error('two keys');
    const first = publish({ keys: [], revoked: [] }, one, START).file;
    await write(first);
    const keys = await open({ wrapping: service });
    away = true;
    await write(publish(first, two, START).file);
    await keys.look();
    expect([published(keys), events('error')]).toEqual([[one.kid], ['keys.refused']]);
    away = false;
    await keys.look();
    expect(published(keys)).toEqual([one.kid, two.kid]);
  });

  test('every set in force is noted for the trail once, also when the store was away; nothing private is said', async () => {
    await write(fileOf(0));
    let away = true;
    const note = async (set: KeySet): Promise<void> => {
      if (away) throw new Error('away');
      noted.push(set);
    };
    const keys = await open({ note });
    await keys.look();
    await keys.look();
    expect(events('warn').filter((event) => event === 'keys.not_noted')).toHaveLength(1);
    away = false;
    await keys.look();
    await write(fileOf(0, 1));
    await keys.look();
    await keys.look();
    expect(noted.map((set) => set.published.length)).toEqual([1, 2]);
    const text = spellKeyFile(fileOf(0, 1));
    for (const { d } of JSON.parse(text).keys) expect(JSON.stringify(logged)).not.toContain(d);
  });

  test('SIGHUP is a look at once', async () => {
    await write(fileOf(0));
    const keys = await open();
    jest.useFakeTimers({ doNotFake: [...TIMERS_LEFT] });
    keys.start();
    await until(() => events().includes('keys.in_force'));
    await write(fileOf(0, 1));
    process.emit('SIGHUP', 'SIGHUP');
    await until(() => published(keys).length === 2);
    await keys.stop();
    expect([process.listenerCount('SIGHUP'), jest.getTimerCount()]).toEqual([0, 0]);
  });

  test('and every two seconds there is one', async () => {
    await write(fileOf(0));
    const keys = await open();
    jest.useFakeTimers({ doNotFake: [...TIMERS_LEFT] });
    keys.start();
    await until(() => events().includes('keys.in_force'));
    await write(fileOf(0, 1));
    await until(() => {
      jest.advanceTimersByTime(2_000);
      return published(keys).length === 2;
    });
  });
});
