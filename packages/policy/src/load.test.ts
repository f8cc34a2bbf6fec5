/** Policies and cases on disk. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadCases, loadPolicy } from './load.ts';
import { EXAMPLE } from './test-support/example.ts';

const OPTIONS = { allowHttpIssuers: false };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-policy-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function put(name: string, text: string | Uint8Array): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

describe('loadPolicy', () => {
  test('one file', async () => {
    const out = await loadPolicy(await put('policy.yaml', EXAMPLE), OPTIONS);
    expect(out.ok && out.value.policy.people).toHaveLength(3);
  });

  test('a folder, in the order of names; cases, hidden files, other files and folders are no part of it', async () => {
    await put('20-b.yml', 'version: 1\npeople: [{ id: bob }]');
    await put('10-a.yaml', 'version: 1\npeople: [{ id: ann }]');
    await put('30-c.json', '{"version": 1, "people": [{"id": "cem"}]}');
    await put('notes.txt', 'not yaml: [');
    await put('.10-a.yaml.swp', '[');
    await put('my.cases.yaml', 'version: 1\ncases: []');
    await mkdir(join(folder, 'old'));
    await put('old/00-x.yaml', 'version: 1\npeople: [{ id: zoe }]');
    const out = await loadPolicy(folder, OPTIONS);
    expect(out.ok && out.value.policy.people.map((entry) => entry.id)).toEqual(['ann', 'bob', 'cem']);
  });

  test.each([
    ['nowhere', 'no-such-place', 'there is no such file or folder'],
    ['an empty folder', '', 'no *.yaml, *.yml or *.json in this folder'],
  ])('%s', async (_, name, message) => {
    const path = join(folder, name);
    const out = await loadPolicy(path, OPTIONS);
    expect(out.ok ? [] : out.error).toEqual([
      { severity: 'error', file: name === '' ? folder : path, line: 1, column: 1, path: '', message },
    ]);
  });

  test('a half-written file is refused with its name and line, whatever the cut', async () => {
    const whole = Buffer.from(EXAMPLE);
    for (let cut = 100; cut < whole.length - 100; cut += 371) {
      const file = await put('policy.yaml', whole.subarray(0, cut));
      const out = await loadPolicy(file, OPTIONS);
      if (out.ok) continue; // A cut between two lines can leave a smaller, whole policy.
      expect(out.error[0]?.file).toBe(file);
      expect(out.error.some((issue) => issue.severity === 'error')).toBe(true);
    }
  });

  test('bytes that are not UTF-8', async () => {
    const file = await put('policy.yaml', Uint8Array.from([0x76, 0xff, 0xfe]));
    const out = await loadPolicy(file, OPTIONS);
    expect(out.ok ? '' : out.error[0]?.message).toBe('not UTF-8');
  });

  test('a file too large is not even read', async () => {
    const file = await put('policy.yaml', ' '.repeat(1_048_577));
    const out = await loadPolicy(file, OPTIONS);
    expect(out.ok ? '' : out.error[0]?.message).toMatch(/^larger than/);
  });
});

test('loadCases finds the cases in a policy folder, and beside a policy file', async () => {
  const file = await put('policy.yaml', EXAMPLE);
  await put('b.cases.yaml', 'version: 1\ncases: []');
  await put('a.cases.yml', 'version: 1\ncases: []');
  for (const path of [folder, file]) {
    const out = await loadCases(path);
    expect(out.ok && out.value.map((source) => source.file)).toEqual([
      join(folder, 'a.cases.yml'),
      join(folder, 'b.cases.yaml'),
    ]);
  }
});
