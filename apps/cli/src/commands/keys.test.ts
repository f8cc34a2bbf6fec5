/** `sallyport keys`: what the commands do to a file, and what they never do. */
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { makeKeyWrapping, parseKeySet } from '@sallyport/tokens';
import { EXIT } from '../exit-codes.ts';
import { stage } from '../testing/stage.ts';

// RSA keys take their time to make.
jest.setTimeout(60_000);
const KEK = '00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210';
const OTHER_KEK = 'ff112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210';
const START = Date.parse('2030-01-01T00:00:00Z');
const HOUR = 3_600_000;

let folder = '';
let first = '';
let file = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
  const made = join(folder, 'first.json');
  await stage(['keys', 'generate', '--out', made], { clock: () => START });
  first = await readFile(made, 'utf8');
});
beforeEach(async () => {
  file = join(await mkdtemp(join(folder, 'case-')), 'keys.json');
  await writeFile(file, first, { mode: 0o600 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a command about the file `hours` after it was made. */
async function keys(command: readonly string[], hours = 0, env: Readonly<Record<string, string>> = {}) {
  const clock = () => START + hours * HOUR;
  return stage(['keys', ...command], { env: { SALLYPORT_SIGNING_KEYS: file, ...env }, clock });
}

interface Told {
  readonly written: boolean;
  readonly steps: readonly { readonly did: string; readonly kid: string; readonly alg: string }[];
  readonly keys: readonly { readonly kid: string; readonly alg: string; readonly standing: string }[];
}

async function told(command: readonly string[], hours = 0, env: Readonly<Record<string, string>> = {}): Promise<Told> {
  const { exit, stdout, stderr } = await keys([...command, '--json'], hours, env);
  expect([exit, stderr]).toEqual([EXIT.done, '']);
  return JSON.parse(stdout);
}

const did = ({ steps }: Told, alg = 'ES256') => steps.filter((step) => step.alg === alg).map((step) => step.did);
const standings = ({ keys: all }: Told, alg = 'ES256') =>
  all.filter((key) => key.alg === alg).map((key) => key.standing);
const text = () => readFile(file, 'utf8');

async function set(wrapping = makeKeyWrapping(Buffer.from(KEK, 'hex'))) {
  const parsed = await parseKeySet(await text(), wrapping);
  if (!parsed.ok) throw new Error(parsed.error.join());
  return parsed.value;
}

describe('keys generate', () => {
  test('makes a file the broker takes, an ES256 and an RS256 key, for its owner only', async () => {
    const out = join(folder, 'generated.json');
    const { exit, stdout } = await stage(['keys', 'generate', '--out', out]);
    expect([exit, (await stat(out)).mode & 0o777]).toEqual([EXIT.done, 0o600]);
    const made = await readFile(out, 'utf8');
    const parsed = await parseKeySet(made);
    expect(parsed.ok && [parsed.value.signing.ES256.alg, parsed.value.signing.RS256?.alg]).toEqual(['ES256', 'RS256']);
    for (const { d } of JSON.parse(made).keys) expect(stdout).not.toContain(d);
    expect(await readdir(folder)).not.toContain('generated.json.new');
  });

  test('never overwrites keys that may have signed', async () => {
    const { exit, stderr } = await keys(['generate', '--out', file]);
    expect([exit, await text()]).toEqual([EXIT.usage, first]);
    expect(stderr).toContain('is there already');
  });

  test('goes to stdout for a secret store, but never onto a terminal', async () => {
    const piped = await stage(['keys', 'generate']);
    expect((await parseKeySet(piped.stdout)).ok).toBe(true);
    const shown = await stage(['keys', 'generate'], { terminal: true });
    expect([shown.exit, shown.stdout]).toEqual([EXIT.usage, '']);
  });
});

describe('keys rotate', () => {
  test('a month of rotation, one command each time: publish, then let it sign and publish the one after, then drop', async () => {
    const [signer] = JSON.parse(first).keys;
    const published = await told(['rotate']);
    expect([did(published), standings(published)]).toEqual([['published'], ['signs', 'next']]);
    const rotated = await told(['rotate'], 24 * 30);
    expect(did(rotated)).toEqual(['promoted', 'retired', 'published']);
    expect(standings(rotated)).toEqual(['signs', 'retired', 'next']);
    expect((await set()).signing.ES256.kid).not.toBe(signer.kid);
    const later = await told(['rotate'], 24 * 60);
    expect(did(later)).toEqual(['dropped', 'promoted', 'retired', 'published']);
    expect(later.steps.find((step) => step.did === 'dropped')?.kid).toBe(signer.kid);
    expect(did(later, 'RS256')).toEqual(did(later));
  });

  test('again at once: nothing to do, nothing written, exit 0', async () => {
    await told(['rotate']);
    const before = await text();
    const again = await told(['rotate'], 0.99);
    expect([again.written, again.steps, await text()]).toEqual([false, [], before]);
    const { stdout } = await keys(['rotate'], 0.99);
    expect(stdout).toMatch(/^nothing to do\n/);
    expect(stdout).toContain('next: from 2030-01-01T01:00:00.000Z on');
  });

  test('K3: of a key that signs no more only the public half stays', async () => {
    const [signer] = JSON.parse(first).keys;
    await told(['rotate']);
    await told(['rotate'], 2);
    const kept = JSON.parse(await text()).keys.find((key: { kid: string }) => key.kid === signer.kid);
    expect(Object.keys(kept).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'sallyport', 'use', 'x', 'y']);
    expect(await text()).not.toContain(signer.d);
  });

  test('however often it runs, at most four keys of an algorithm', async () => {
    const [es256] = JSON.parse(first).keys;
    await writeFile(file, JSON.stringify({ keys: [es256] }));
    for (let hour = 0; hour < 12; hour += 1) {
      expect(standings(await told(['rotate'], hour * 1.01)).length).toBeLessThanOrEqual(4);
    }
  });

  test('--dry-run says it all and writes nothing', async () => {
    const { exit, stdout } = await keys(['rotate', '--dry-run']);
    expect([exit, await text()]).toEqual([EXIT.done, first]);
    expect(stdout).toMatch(/^this would be done:\n.*published/);
    expect((await told(['rotate', '--dry-run'])).written).toBe(false);
  });

  test('--now, after a leak: new keys alone, all others taken back by name', async () => {
    await told(['rotate']);
    const before = JSON.parse(await text()).keys.map((key: { kid: string }) => key.kid);
    const leaked = await told(['rotate', '--now'], 0.1);
    expect([standings(leaked), standings(leaked, 'RS256')]).toEqual([['signs'], ['signs']]);
    const after = await set();
    expect([...after.revoked].sort()).toEqual(before.sort());
    expect(after.published.filter((key) => before.includes(key.kid))).toEqual([]);
  });

  test('a key nobody published as next never becomes the signer: it may have been one', async () => {
    const foreign = JSON.parse(first);
    const old = JSON.parse((await stage(['keys', 'generate'])).stdout).keys[0];
    delete old.sallyport;
    await writeFile(file, JSON.stringify({ keys: [...foreign.keys, old] }));
    const out = await told(['rotate'], 1);
    expect(out.steps).toContainEqual({ did: 'retired', kid: old.kid, alg: 'ES256' });
    expect(standings(await told(['rotate'], 3))).not.toContain('unknown');
    expect((await set()).signing.ES256.kid).not.toBe(old.kid);
  });
});

describe('keys publish, retire, list', () => {
  test('publish adds the RS256 key an older file lacks, and loses nothing', async () => {
    const es256 = JSON.parse(first).keys[0];
    delete es256.sallyport;
    await writeFile(file, JSON.stringify({ keys: [es256] }));
    expect(did(await told(['publish', '--alg', 'RS256']), 'RS256')).toEqual(['published']);
    expect((await set()).signing.RS256?.alg).toBe('RS256');
    expect(JSON.parse(await text()).keys[0]).toEqual(es256);
    expect((await told(['publish', '--alg', 'RS256'])).steps).toHaveLength(1);
    expect((await told(['publish', '--alg', 'RS256'])).steps).toEqual([]);
  });

  test('retire takes the signing key back; the next one, or a new one, takes its place', async () => {
    const kid = (await set()).signing.ES256.kid;
    const alone = await told(['retire', kid]);
    expect(did(alone)).toEqual(['published', 'taken_back', 'promoted']);
    await told(['rotate'], 1);
    const [signer, next] = [await set(), await set()].map(({ signing }) => signing.ES256.kid);
    expect(signer).toBe(next);
    const followed = await told(['retire', signer ?? ''], 1);
    expect([did(followed), (await set()).revoked]).toEqual([
      ['taken_back', 'promoted'],
      [kid, signer],
    ]);
  });

  test('retire wants a kid that is there', async () => {
    const { exit, stderr } = await keys(['retire', 'nobody']);
    expect([exit, await text()]).toEqual([EXIT.usage, first]);
    expect(stderr).toContain('keys list');
  });

  test('list shows kids, standing and times, and nothing private', async () => {
    await told(['rotate']);
    const { exit, stdout } = await keys(['list']);
    expect(exit).toBe(EXIT.done);
    expect(stdout).toMatch(/^ES256 {2}signs {4}\S{43} {2}since 2030-01-01T00:00:00\.000Z$/m);
    expect(stdout).toMatch(/^RS256 {2}next {5}\S{43} {2}may sign from 2030-01-01T01:00:00\.000Z$/m);
    const json = (await keys(['list', '--json'])).stdout;
    for (const { d } of JSON.parse(await text()).keys) expect(stdout + json).not.toContain(d);
  });

  test('no file named, no file there, no keys in it: 78, and what to do', async () => {
    expect((await stage(['keys', 'rotate'])).exit).toBe(EXIT.configuration);
    expect((await keys(['rotate', '--file', join(folder, 'nowhere')])).exit).toBe(EXIT.configuration);
    await writeFile(file, '{}');
    const { exit, stderr } = await keys(['rotate']);
    expect([exit, await text()]).toEqual([EXIT.configuration, '{}']);
    expect(stderr).toContain('not a JWK set');
  });
});

describe('one change at a time, whole or not at all', () => {
  test('of many at once each is done or told to try again, and the file is one that was written whole', async () => {
    const runs = await Promise.all(Array.from({ length: 8 }, () => keys(['rotate', '--json'])));
    const codes = runs.map((run) => run.exit);
    expect(codes.filter((code) => code !== EXIT.done && code !== EXIT.unreachable)).toEqual([]);
    const wrote = runs.filter((run) => run.exit === EXIT.done && JSON.parse(run.stdout).written);
    expect(wrote).toHaveLength(1);
    expect((await set()).published).toHaveLength(4);
    expect(await readdir(join(file, '..'))).toEqual(['keys.json']);
  });

  test('a lock of a living process is respected, and named', async () => {
    await writeFile(`${file}.lock`, JSON.stringify({ pid: process.pid, host: hostname(), nonce: 'x' }));
    const { exit, stderr } = await keys(['rotate']);
    expect([exit, await text()]).toEqual([EXIT.unreachable, first]);
    expect(stderr).toContain(`${file}.lock`);
  });

  test('what a crash between writing and renaming leaves: the old keys, and no obstacle', async () => {
    await writeFile(`${file}.lock`, JSON.stringify({ pid: 2 ** 30, host: hostname(), nonce: 'x' }));
    await writeFile(`${file}.new`, '{"keys": [half');
    expect((await set()).published).toHaveLength(2);
    expect(did(await told(['rotate']))).toEqual(['published']);
    expect(await readdir(join(file, '..'))).toEqual(['keys.json']);
  });

  test('a lock left on another machine is not ours to break', async () => {
    await writeFile(`${file}.lock`, JSON.stringify({ pid: 2 ** 30, host: `not-${hostname()}`, nonce: 'x' }));
    expect((await keys(['rotate'])).exit).toBe(EXIT.unreachable);
  });

  test('a link stays a link: what it points to is replaced, for its owner, and the group if it may read', async () => {
    const real = `${file}.real`;
    await writeFile(real, first, { mode: 0o640 });
    await rm(file);
    await symlink(real, file);
    await told(['rotate']);
    expect([(await stat(real)).mode & 0o777, (await readFile(real, 'utf8')) === first]).toEqual([0o640, false]);
  });
});

describe('keys at rest', () => {
  const under = (key: string) => ({ SALLYPORT_KEY_ENCRYPTION_KEY: key });

  test('encrypt: no private member is left in the clear, and the keys are the same', async () => {
    const before = await set();
    expect(did(await told(['encrypt'], 0, under(KEK)))).toEqual(['encrypted']);
    const now = await text();
    for (const { d, p } of JSON.parse(first).keys)
      expect([now.includes(d), now.includes(p ?? d)]).toEqual([false, false]);
    expect((await set()).published.map((key) => key.thumbprint)).toEqual(before.published.map((key) => key.thumbprint));
    expect((await parseKeySet(now)).ok).toBe(false);
    expect((await told(['encrypt'], 0, under(KEK))).steps).toEqual([]);
  });

  test('new keys are encrypted too; without the key-encryption key nothing is written', async () => {
    await told(['encrypt'], 0, under(KEK));
    const before = await text();
    const { exit, stderr } = await keys(['rotate']);
    expect([exit, await text()]).toEqual([EXIT.configuration, before]);
    expect(stderr).toContain('SALLYPORT_KEY_ENCRYPTION_KEY is not set');
    const rotated = await told(['rotate'], 0, under(KEK));
    expect(rotated.keys.every((key) => 'encrypted' in key && key.encrypted === true)).toBe(true);
  });

  test('under a new key-encryption key, with the old one in a file; and back in the clear', async () => {
    await told(['encrypt'], 0, under(KEK));
    expect((await keys(['encrypt'], 0, under(OTHER_KEK))).exit).toBe(EXIT.configuration);
    const old = join(folder, 'old-kek');
    await writeFile(old, `${KEK}\n`);
    expect(did(await told(['encrypt', '--old-key', old], 0, under(OTHER_KEK)))).toEqual(['encrypted']);
    expect((await parseKeySet(await text(), makeKeyWrapping(Buffer.from(KEK, 'hex')))).ok).toBe(false);
    expect(did(await told(['decrypt'], 0, under(OTHER_KEK)))).toEqual(['decrypted']);
    expect((await parseKeySet(await text())).ok).toBe(true);
  });

  test('I-15: neither a private key nor the key-encryption key is ever said', async () => {
    await told(['encrypt'], 0, under(KEK));
    const said = await Promise.all([
      keys(['list'], 0, under(KEK)),
      keys(['rotate'], 0, under(OTHER_KEK)),
      keys(['rotate'], 0, under('too-short')),
      keys(['decrypt'], 0, under(OTHER_KEK)),
    ]);
    const all = said.map(({ stdout, stderr }) => stdout + stderr).join('');
    const secrets = [KEK, OTHER_KEK, 'too-short', ...JSON.parse(first).keys.map((key: { d: string }) => key.d)];
    expect(secrets.filter((one) => all.includes(one))).toEqual([]);
  });
});
