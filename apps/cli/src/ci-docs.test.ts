/** The pages of docs/ci: their policies compile, their YAML parses, and every flag and input in them exists. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { inputNames } from './action/inputs.ts';
import { EXIT } from './exit-codes.ts';
import { stage } from './testing/stage.ts';

const DOCS = fileURLToPath(new URL('../../../docs/ci/', import.meta.url));
const README = fileURLToPath(new URL('../../../README.md', import.meta.url));
const WITH_POLICY = ['buildkite.md', 'github.md', 'gitlab.md', 'kubernetes.md', 'laptop.md'];

/** What a page's part of a policy is put beside: the people, and something to open. */
const REST = `version: 1
people:
  - { id: olga@acme.test, groups: [payments] }
  - { id: dan@acme.test, groups: [dba] }
resources:
  - id: orders-db
    audience: https://orders-db.acme.test
    roles: [{ id: migrate, scopes: ["orders:read", "orders:write"], max_duration: 1h }]
rules:
  - id: migrations
    who: [anyone]
    resource: orders-db
    roles: [migrate]
    effect: require_approval
    approvals: [{ count: 1, from: [group:dba] }]
`;

const pages = new Map<string, string>();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-docs-'));
  for (const name of await readdir(DOCS)) pages.set(name, await readFile(join(DOCS, name), 'utf8'));
  pages.set('README.md', await readFile(README, 'utf8'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function blocksOf(name: string, language: string): readonly string[] {
  const text = pages.get(name) ?? '';
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap((found) =>
    found[1] === language ? [found[2] ?? ''] : [],
  );
}

const policyOf = (name: string): readonly string[] =>
  blocksOf(name, 'yaml').filter((block) => block.startsWith('# policy'));

describe('policies', () => {
  test('are on every page that needs one', () => {
    expect([...pages.keys()].filter((name) => policyOf(name).length === 1).sort()).toEqual(WITH_POLICY);
  });

  test.each(WITH_POLICY)('%s: policy check finds no error', async (name) => {
    const path = join(folder, name);
    await mkdir(path);
    await writeFile(join(path, '10-part.yaml'), policyOf(name)[0] ?? '');
    await writeFile(join(path, '20-rest.yaml'), REST);
    const { exit, stdout, stderr } = await stage(['policy', 'check', path]);
    expect([exit, stdout + stderr]).toEqual([EXIT.done, expect.not.stringMatching(/: (error|warning): /)]);
  });
});

test('all YAML parses', () => {
  for (const name of pages.keys()) {
    for (const block of blocksOf(name, 'yaml')) {
      expect([name, parseAllDocuments(block).flatMap(({ errors }) => errors)]).toEqual([name, []]);
    }
  }
});

test('every flag of `sallyport token` and `revoke` that is written somewhere exists', async () => {
  const help = (await stage(['token', '--help'])).stdout + (await stage(['revoke', '--help'])).stdout;
  const known = new Set(help.match(/--[a-z-]+/g));
  const unknown = [...pages].flatMap(([name, text]) =>
    [...text.matchAll(/sallyport (?:token|revoke)[^|`]*?(?=\n\n|[|`]|$)/g)].flatMap(([call]) =>
      (call.match(/(?<=\s)--[a-z-]+/g) ?? []).filter((flag) => !known.has(flag)).map((flag) => `${name}: ${flag}`),
    ),
  );
  expect(unknown).toEqual([]);
});

describe('the GitHub Action', () => {
  interface Workflow {
    readonly jobs: Readonly<
      Record<
        string,
        { readonly permissions?: object; readonly steps: readonly { readonly uses?: string; readonly with?: object }[] }
      >
    >;
  }

  test.each(['github.md', 'README.md'])(
    '%s: the example asks for the permission, and has only inputs there are',
    (name) => {
      const workflows = blocksOf(name, 'yaml').filter((block) => block.includes('acme/sallyport@'));
      expect(workflows.length).toBe(1);
      const [job] = Object.values((parse(workflows[0] ?? '') as Workflow).jobs);
      expect(job?.permissions).toMatchObject({ 'id-token': 'write' });
      const step = job?.steps.find(({ uses }) => uses?.includes('sallyport'));
      expect(Object.keys(step?.with ?? {}).filter((input) => !inputNames.includes(input))).toEqual([]);
    },
  );

  test('every input has a row', () => {
    const rows = [...(pages.get('github.md') ?? '').matchAll(/^\| `([a-z-]+)` \|/gm)].map((found) => found[1]);
    expect(rows.sort()).toEqual([...inputNames].sort());
  });
});

test('laptop.md lists exactly the exit codes there are', () => {
  const rows = [...(pages.get('laptop.md') ?? '').matchAll(/^\| (\d+) \|/gm)].map((found) => Number(found[1]));
  const places = [1, 2, 3, 4, 5, 6];
  expect(rows.slice(places.length)).toEqual(Object.values(EXIT).filter((code) => code !== EXIT.problem));
});
