/** The command line as one file in a process of its own: nothing beside it, and real signals. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { EXIT } from './exit-codes.ts';
import { ISSUED, issued, pending, REQUEST } from './testing/answers.ts';
import { type Canned, type CannedOptions, withBroker } from './testing/canned-broker.ts';
import { ASK, WAIT } from './testing/run-token.ts';

/** Each test starts processes; the machine may be busy. */
jest.setTimeout(60_000);

const BUILD = fileURLToPath(new URL('../../../infra/build/cli.mjs', import.meta.url));
const BUILD_MS = 60_000;
const RUN_MS = 30_000;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-single-'));
  await promisify(execFile)(process.execPath, [BUILD, folder], { timeout: BUILD_MS });
}, BUILD_MS);
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ran {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it far from the repository. @param signals these, together, once stderr has `at` */
function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  at = '',
  signals: readonly NodeJS.Signals[] = [],
): Promise<Ran> {
  const child = spawn(join(folder, 'sallyport.mjs'), args, {
    cwd: tmpdir(),
    timeout: RUN_MS,
    env: { PATH: process.env.PATH, ...env },
  });
  let [stdout, stderr, sent] = ['', '', false];
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
    if (sent || at === '' || !stderr.includes(at)) return;
    sent = true;
    for (const signal of signals) child.kill(signal);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve({ exit, stdout, stderr }));
  });
}

function against(
  answers: readonly Canned[],
  args: readonly string[],
  at?: string,
  signals?: readonly NodeJS.Signals[],
) {
  const options: CannedOptions = { views: [{ status: 404 }] };
  return withBroker(
    answers,
    async ({ env, asked }) => ({ ...(await run(args, env, at, signals)), paths: asked.map(({ path }) => path) }),
    options,
  );
}

test('is a program by itself: a token, its version, its help, a policy', async () => {
  expect(await against([issued], ASK)).toMatchObject({ exit: EXIT.done, stdout: `${ISSUED}\n` });
  expect(await run(['--version'])).toMatchObject({
    exit: EXIT.done,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
  const policy = fileURLToPath(new URL('../../../infra/policies/example', import.meta.url));
  expect(await run(['policy', 'check', policy])).toMatchObject({ exit: EXIT.done });
});

test(
  'has the commands of callers, and none that need a store beside them',
  async () => {
    for (const command of ['request', 'approve', 'deny', 'revoke', 'list', 'token', 'policy']) {
      expect([command, (await run([command, '--help'])).exit]).toEqual([command, EXIT.done]);
    }
    for (const command of ['migrate', 'audit', 'keys', 'doctor']) {
      expect([command, (await run([command])).exit]).toEqual([command, EXIT.usage]);
    }
  },
  RUN_MS,
);

describe('a signal', () => {
  const WAITING = 'Waiting for approval';

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends the wait with 130, and the request stays', async (signal) => {
    const { exit, stdout, stderr, paths } = await against([pending], WAIT, WAITING, [signal]);
    expect([exit, stdout, paths]).toEqual([EXIT.interrupted, '', ['/oauth/token']]);
    expect(stderr).toContain(`stopped, and ${REQUEST} is still waiting for approval`);
  });

  test('that arrives twice, from the terminal and from npm, is one: there is time to take the request back', async () => {
    const args = [...WAIT, '--cancel-on-exit'];
    const { exit, paths } = await against([pending, { status: 200 }], args, WAITING, ['SIGINT', 'SIGINT']);
    expect([exit, paths]).toEqual([EXIT.interrupted, ['/oauth/token', '/oauth/revoke']]);
  });
});
