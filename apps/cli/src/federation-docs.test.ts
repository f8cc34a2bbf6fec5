/** The pages of docs/federation: their YAML and JSON parse, their flags exist, and the example policy is what they say it is. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { EXIT } from './exit-codes.ts';
import { stage } from './testing/stage.ts';

const root = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const EXAMPLE = root('infra/policies/federation-example');

const pages = new Map<string, string>();
beforeAll(async () => {
  const folder = root('docs/federation/');
  for (const name of await readdir(folder)) pages.set(name, await readFile(folder + name, 'utf8'));
});

function blocksOf(language: string): readonly string[] {
  return [...pages.values()].flatMap((text) =>
    [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, of, block = '']) =>
      of === language ? [block] : [],
    ),
  );
}

test('all YAML and JSON parses', () => {
  expect(blocksOf('yaml').length).toBeGreaterThan(2);
  for (const block of blocksOf('yaml')) expect(parseAllDocuments(block).flatMap(({ errors }) => errors)).toEqual([]);
  for (const block of blocksOf('json')) expect(() => void JSON.parse(block)).not.toThrow();
});

test('every flag of `sallyport token` exists', async () => {
  const known = new Set((await stage(['token', '--help'])).stdout.match(/--[a-z-]+/g));
  const calls = [...pages.values()].flatMap((text) => text.match(/sallyport token (?:[^|`\n]|\\\n)*/g) ?? []);
  const used = calls.flatMap((call) => call.match(/(?<=\s)--[a-z-]+/g) ?? []);
  expect(used).toEqual(expect.arrayContaining(['--federate', '--format', '--audience', '--wait', '--output']));
  expect(used.filter((flag) => !known.has(flag))).toEqual([]);
});

test('the arguments of the credential plugins are a call that is understood, up to the missing credential', async () => {
  const [, args = ''] = /args: \[([^\]]*)\]/.exec(blocksOf('yaml').join('')) ?? [];
  const kubectl = args.split(', ').map((one) => one.replaceAll('"', ''));
  const [, command = ''] = /"command": "\S+ ([^"]*)"/.exec(blocksOf('json').join('')) ?? [];
  for (const typed of [kubectl, command.split(' ')]) {
    expect(typed.slice(0, 3)).toEqual(['token', '--federate', '--format']);
    expect(await stage(typed)).toMatchObject({
      exit: EXIT.configuration,
      stderr: expect.stringContaining('no credential'),
    });
  }
});

test('the example policy has no problem, and answers as its cases say', async () => {
  const check = await stage(['policy', 'check', EXAMPLE]);
  expect([check.exit, check.stdout + check.stderr]).toEqual([
    EXIT.done,
    expect.not.stringMatching(/: (error|warning|advice): /),
  ]);
  expect((await stage(['policy', 'test', EXAMPLE])).exit).toBe(EXIT.done);
});

test('audiences and scopes on the pages are those of the example policy', async () => {
  const policy = await readFile(`${EXAMPLE}/federation.yaml`, 'utf8');
  const named = [...pages.values()].flatMap((text) => [...text.matchAll(/--(?:audience|scope) "?([^\s",$]+)/g)]);
  expect(named.length).toBeGreaterThan(8);
  expect(named.map(([, value = '']) => value).filter((value) => !policy.includes(value))).toEqual([]);
});
