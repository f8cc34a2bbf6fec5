/** The GitLab template: valid, and its scripts do what they say when a shell runs them as a runner does. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { ISSUED, issued, oauth } from './testing/answers.ts';
import { type Canned, TOKEN, withBroker } from './testing/canned-broker.ts';

/** Each test starts processes; the machine may be busy. */
jest.setTimeout(60_000);

const BUILD = fileURLToPath(new URL('../../../infra/build/cli.mjs', import.meta.url));
const TEMPLATE = fileURLToPath(new URL('../../../infra/gitlab/sallyport.yml', import.meta.url));
const BUILD_MS = 60_000;

interface Template {
  readonly spec: {
    readonly inputs: Readonly<Record<string, { readonly default?: string; readonly description: string }>>;
  };
}
interface Job {
  readonly id_tokens: Readonly<Record<string, { readonly aud: string }>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly before_script: readonly string[];
  readonly after_script: readonly string[];
}

let folder = '';
let text = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-gitlab-'));
  text = await readFile(TEMPLATE, 'utf8');
  await promisify(execFile)(process.execPath, [BUILD, folder], { timeout: BUILD_MS });
  await writeFile(join(folder, 'sallyport'), `#!/bin/sh\nexec "${process.execPath}" "${folder}/sallyport.mjs" "$@"\n`);
  await chmod(join(folder, 'sallyport'), 0o755);
}, BUILD_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Both documents, with the inputs put in as GitLab does. */
function filledIn(given: Readonly<Record<string, string>>): { readonly header: Template; readonly job: Job } {
  const [header, body] = parseAllDocuments(text).map((one) => {
    expect(one.errors).toEqual([]);
    return one.toJS() as unknown;
  });
  const { spec } = header as Template;
  const put = (value: string): string =>
    value.replace(
      /\$\[\[ inputs\.(\w+) \]\]/g,
      (_, name: string) => given[name] ?? spec.inputs[name]?.default ?? `no ${name}`,
    );
  const job = JSON.parse(put(JSON.stringify(body))) as { readonly '.sallyport': Job };
  return { header: header as Template, job: job['.sallyport'] };
}

/** Runs the job with this script between, in a shell that ends at the first failure; then the after_script in another one. */
function runJob(answers: readonly Canned[], script: string) {
  return withBroker(answers, async ({ origin, asked }) => {
    const { job } = filledIn({ issuer: origin, audience: 'orders-db', scope: 'orders:write' });
    const env = {
      PATH: `${folder}:${process.env.PATH}`,
      CI: 'true',
      GITLAB_CI: 'true',
      CI_BUILDS_DIR: folder,
      CI_JOB_ID: '7',
      CI_PROJECT_PATH: 'acme/payments',
      CI_COMMIT_REF_NAME: '$(touch pwned)`touch pwned`"; touch pwned',
      SALLYPORT_TOKEN: TOKEN,
      ...job.variables,
      ACCESS_TOKEN_FILE: join(folder, '.access-token-7'),
    };
    const shell = (lines: readonly string[]) =>
      promisify(execFile)('sh', ['-e', '-c', lines.join('\n')], { env, cwd: folder }).then(
        ({ stdout, stderr }) => ({ exit: 0, stdout, stderr }),
        (failed: { code: number; stdout: string; stderr: string }) => ({ ...failed, exit: failed.code }),
      );
    const before = await shell([...job.before_script, script]);
    const after = await shell(job.after_script);
    return { before, after, asked };
  });
}

test('names the token of the job so that it is found, for the broker alone', () => {
  const { header, job } = filledIn({ issuer: 'https://sallyport.acme.test' });
  expect(job.id_tokens).toEqual({ SALLYPORT_TOKEN: { aud: 'https://sallyport.acme.test' } });
  expect(job.variables.ACCESS_TOKEN_FILE).toBe('$CI_BUILDS_DIR/.access-token-$CI_JOB_ID');
  expect(Object.values(header.spec.inputs).every(({ description }) => description.length > 10)).toBe(true);
});

describe('the job', () => {
  test('has the token in its script, and gives it back afterwards', async () => {
    const { before, after, asked } = await runJob(
      [issued, { status: 200 }],
      'printf %s "$ACCESS_TOKEN"; env | grep -c ^ACCESS_TOKEN=',
    );
    expect(before).toMatchObject({ exit: 0, stdout: `${ISSUED}1\n` });
    expect(before.stderr).toContain('credential: SALLYPORT_TOKEN of GitLab CI');
    expect(before.stderr).not.toContain(ISSUED);
    expect(after).toMatchObject({ exit: 0, stdout: 'the token is revoked\n' });
    expect(asked.map(({ path, form }) => [path, form.get('token')])).toEqual([
      ['/oauth/token', null],
      ['/oauth/revoke', ISSUED],
    ]);
    expect((await readdir(folder)).sort()).toEqual(['sallyport', 'sallyport.licenses.txt', 'sallyport.mjs']);
  });

  test('does not run its script without a token, and ends as the command line does', async () => {
    const { before, after, asked } = await runJob([oauth('access_denied', 'no_approver')], 'echo it runs');
    expect([before.exit, before.stdout, after.exit, asked.length]).toEqual([6, '', 0, 1]);
  });

  test('tells the approvers which run it is, and runs nothing a branch is named after', async () => {
    const { asked } = await runJob([issued, { status: 200 }], ':');
    expect(asked[0]?.form.get('reason')).toContain('acme/payments pipeline ');
    expect(asked[0]?.form.get('reason')).toContain('on $(touch pwned)`touch pwned`"; touch pwned, started');
    expect(await readdir(folder)).not.toContain('pwned');
  });
});
