/** `sallyport policy` on the example policy and on broken files. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { stage } from '../testing/stage.ts';

const EXAMPLE = fileURLToPath(new URL('../../../../infra/policies/example', import.meta.url));
const QUESTION = [
  ...['--subject', 'workload:payments-deploy', '--requester', 'person:alice@acme.test'],
  ...['--resource', 'orders-db', '--role', 'admin'],
];
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policy-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe('check', () => {
  test('the example is in order', async () => {
    const { exit, stdout, stderr } = await stage(['policy', 'check', EXAMPLE]);
    expect([exit, stderr]).toEqual([EXIT.done, '']);
    expect(stdout).toMatch(/ok {2}9 people, 2 workloads, 4 resources, 6 rules, version [0-9a-f]{12}\n$/);
  });

  test('issuers on http loopback addresses are for development', async () => {
    const env = { SALLYPORT_ENV: 'production' };
    expect((await stage(['policy', 'check', EXAMPLE], { env })).exit).toBe(EXIT.problem);
    const refused = await stage(['policy', 'check', EXAMPLE], { env: { SALLYPORT_ALLOW_HTTP_ISSUERS: '0' } });
    expect(refused.exit).toBe(EXIT.problem);
  });

  test('every problem is a line with file, line, column and path; errors end with 1', async () => {
    const path = await file('broken.yaml', 'version: 1\nrules:\n  - { id: r, who: [anyone], resorce: x }\npeople: 7\n');
    const { exit, stdout } = await stage(['policy', 'check', path]);
    const problems = stdout.split('\n').filter((line) => line.startsWith(`${path}:`));
    expect(exit).toBe(EXIT.problem);
    expect(problems.length).toBeGreaterThanOrEqual(2);
    for (const line of problems) expect(line).toMatch(/:\d+:\d+: error: \S+: \S/);
    expect(stdout).toMatch(/refused {2}\d+ errors\n$/);
  });

  test('machines get the same as JSON', async () => {
    const path = await file('broken.json', '{"version": 2}');
    const { exit, stdout } = await stage(['policy', 'check', path, '--json']);
    expect(exit).toBe(EXIT.problem);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, issues: [{ severity: 'error', file: path, line: 1 }] });
  });

  test('a path that is not there is a problem, not a bug', async () => {
    const { exit, stdout } = await stage(['policy', 'check', join(folder, 'nowhere')]);
    expect(exit).toBe(EXIT.problem);
    expect(stdout).toContain('there is no such file or folder');
  });

  test('what a file says cannot repaint the terminal', async () => {
    const path = await file('rude.yaml', 'version: 1\n"\\u001b[2Kok": 1\n');
    expect((await stage(['policy', 'check', path])).stdout).not.toContain('\u001b');
  });
});

describe('explain and simulate', () => {
  test('explain names the rule, the lines and who could decide', async () => {
    const { exit, stdout } = await stage(['policy', 'explain', EXAMPLE, ...QUESTION]);
    expect(exit).toBe(EXIT.done);
    expect(stdout).toContain('needs approval by rule payments-admin');
    expect(stdout).toContain('Bob Berg (bob@acme.test)');
    expect(stdout).toMatch(/\n {2}yes {2}a rule matches\n/);
  });

  test('the subject asks for itself unless somebody else is named', async () => {
    const { stdout } = await stage([
      'policy',
      'explain',
      EXAMPLE,
      ...QUESTION.slice(0, 2),
      ...QUESTION.slice(4),
      '--json',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'needs_approval', rule: 'payments-admin' });
  });

  test.each([
    ['bob@acme.test', 'pending'],
    ['bob@acme.test,person:dan@acme.test', 'approved'],
    ['alice@acme.test,dan@acme.test', 'pending'],
  ])('simulate: with %s it is %s', async (people, outcome) => {
    const { exit, stdout } = await stage([
      'policy',
      'simulate',
      EXAMPLE,
      ...QUESTION,
      '--approved-by',
      people,
      '--json',
    ]);
    expect([exit, JSON.parse(stdout).outcome]).toEqual([EXIT.done, outcome]);
  });

  test('a policy that does not compile explains nothing', async () => {
    const path = await file('empty.yaml', 'rules: []\n');
    const { exit, stdout, stderr } = await stage(['policy', 'explain', path, ...QUESTION]);
    expect([exit, stdout]).toEqual([EXIT.problem, '']);
    expect(stderr).toContain('sallyport policy check');
  });
});

describe('test', () => {
  test('the cases of the example come out as written', async () => {
    const { exit, stdout } = await stage(['policy', 'test', EXAMPLE]);
    expect(exit).toBe(EXIT.done);
    expect(stdout).toMatch(/8 of 8 cases as expected\n$/);
  });

  test('a case that differs ends with 1 and says how', async () => {
    const path = await file('own.yaml', 'version: 1\n');
    await file(
      'own.cases.yaml',
      'version: 1\ncases:\n  - { name: nobody, subject: "person:a", resource: r, role: x, expect: approved }\n',
    );
    const { exit, stdout } = await stage(['policy', 'test', path]);
    expect(exit).toBe(EXIT.problem);
    expect(stdout).toContain('not ok  nobody');
    expect(stdout).toContain('expected approved, but it is forbidden');
    await rm(join(folder, 'own.cases.yaml'));
  });

  test('no case at all is no proof', async () => {
    const path = await file('alone.yaml', 'version: 1\n');
    const { exit, stdout } = await stage(['policy', 'test', path]);
    expect(exit).toBe(EXIT.problem);
    expect(stdout).toContain('no cases');
  });
});

test('schema is the JSON Schema of a policy file', async () => {
  const { exit, stdout } = await stage(['policy', 'schema']);
  expect(exit).toBe(EXIT.done);
  expect(JSON.parse(stdout)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' });
});
