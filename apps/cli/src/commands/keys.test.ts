/** `sallyport keys generate`. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseKeySet } from '@sallyport/tokens';
import { EXIT } from '../exit-codes.ts';
import { stage } from '../testing/stage.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('makes a file the broker takes, for its owner only', async () => {
  const file = join(folder, 'keys.json');
  const { exit, stdout } = await stage(['keys', 'generate', '--out', file]);
  expect([exit, (await stat(file)).mode & 0o777]).toEqual([EXIT.done, 0o600]);
  const text = await readFile(file, 'utf8');
  expect((await parseKeySet(text)).ok).toBe(true);
  expect(stdout).not.toContain(JSON.parse(text).keys[0].d);
});

test('never overwrites keys that may have signed', async () => {
  const file = join(folder, 'old.json');
  await stage(['keys', 'generate', '--out', file]);
  const before = await readFile(file, 'utf8');
  const { exit, stderr } = await stage(['keys', 'generate', '--out', file]);
  expect([exit, await readFile(file, 'utf8')]).toEqual([EXIT.usage, before]);
  expect(stderr).toContain('is there already');
});

test('goes to stdout for a secret store, but never onto a terminal', async () => {
  const piped = await stage(['keys', 'generate']);
  expect((await parseKeySet(piped.stdout)).ok).toBe(true);
  const shown = await stage(['keys', 'generate'], { terminal: true });
  expect([shown.exit, shown.stdout]).toEqual([EXIT.usage, '']);
});
