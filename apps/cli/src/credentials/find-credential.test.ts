/** Where a subject token comes from: each source, their order, and what each says when it has none. */
import { writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { ISSUED, issued } from '../testing/answers.ts';
import { type Canned, cannedBroker, TOKEN } from '../testing/canned-broker.ts';
import { ASK } from '../testing/run-token.ts';
import { type Stage, stage } from '../testing/stage.ts';

const JOB = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJnaXRodWIifQ.c2lnbmVk';
const POD = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJwb2QifQ.c2lnbmVk';
const AGENT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJidWlsZGtpdGUifQ.c2lnbmVk';
const made: Canned = { status: 200, body: { value: JOB } };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-credentials-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Asks a broker that says yes at once. @returns which token it was asked with */
async function run(more: readonly string[], { env = {}, ...rest }: Stage = {}) {
  const broker = await cannedBroker([issued]);
  try {
    const staged = await stage([...ASK, ...more], { env: { SALLYPORT_ISSUER: broker.origin, ...env }, ...rest });
    return { ...staged, origin: broker.origin, used: broker.asked.map(({ form }) => form.get('subject_token')) };
  } finally {
    await broker.close();
  }
}

/** A job of GitHub Actions whose token service gives these answers. */
async function onGitHub(answers: readonly Canned[], more: readonly string[] = [], env: Stage['env'] = {}) {
  const service = await cannedBroker(answers);
  const job = {
    GITHUB_ACTIONS: 'true',
    ACTIONS_ID_TOKEN_REQUEST_URL: `${service.origin}/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner-canary',
  };
  try {
    return { ...(await run(more, { env: { ...job, ...env } })), service: service.asked };
  } finally {
    await service.close();
  }
}

describe('named on the command line', () => {
  test('the token itself', async () => {
    expect(await run(['--subject-token', TOKEN])).toMatchObject({ exit: EXIT.done, used: [TOKEN] });
  });

  test('stdin, with the line end a shell adds', async () => {
    const { used, stderr } = await run(['--subject-token', '-'], { stdin: [TOKEN.slice(0, 9), `${TOKEN.slice(9)}\n`] });
    expect(used).toEqual([TOKEN]);
    expect(stderr).toContain('credential: the token on stdin');
  });

  test('an environment variable, before SALLYPORT_TOKEN', async () => {
    const env = { GITLAB_TOKEN_FOR_SALLYPORT: JOB, SALLYPORT_TOKEN: TOKEN };
    const { used, stderr } = await run(['--subject-token-env', 'GITLAB_TOKEN_FOR_SALLYPORT'], { env });
    expect(used).toEqual([JOB]);
    expect(stderr).toContain('credential: GITLAB_TOKEN_FOR_SALLYPORT');
  });

  test('a file', async () => {
    const path = join(folder, 'token');
    await writeFile(path, `${POD}\n`);
    expect(await run(['--subject-token-file', path])).toMatchObject({ used: [POD] });
  });

  test.each([
    ['an unset variable', ['--subject-token-env', 'NOT_SET'], /NOT_SET is not set/],
    ['a file that is not there', ['--subject-token-file', '/nowhere'], /\/nowhere cannot be read \(ENOENT\)/],
    ['what is no token', ['--subject-token', 'can ary'], /--subject-token holds no token/],
    ['an empty stdin', ['--subject-token', '-'], /stdin holds no token/],
  ])('%s: 78, without showing it, and no other place is tried', async (_, more, says) => {
    const { exit, stderr, used } = await run(more, { env: { SALLYPORT_TOKEN: TOKEN } });
    expect([exit, used]).toEqual([EXIT.configuration, []]);
    expect(stderr).toMatch(says);
    expect(stderr).not.toContain('can ary');
  });
});

describe('SALLYPORT_TOKEN', () => {
  test('is taken, before any CI system', async () => {
    const { used, service } = await onGitHub([made], [], { SALLYPORT_TOKEN: TOKEN });
    expect([used, service.length]).toEqual([[TOKEN], 0]);
  });

  test('as a file', async () => {
    const path = join(folder, 'given');
    await writeFile(path, `${TOKEN}\n`);
    const { used, stderr } = await run([], { env: { SALLYPORT_TOKEN_FILE: path } });
    expect(used).toEqual([TOKEN]);
    expect(stderr).toContain('credential: SALLYPORT_TOKEN_FILE');
  });

  test('is where GitLab puts the token of a job', async () => {
    const { used, stderr } = await run([], { env: { GITLAB_CI: 'true', SALLYPORT_TOKEN: JOB } });
    expect(used).toEqual([JOB]);
    expect(stderr).toContain('credential: SALLYPORT_TOKEN of GitLab CI');
  });

  test('a GitLab job without it: 78, and what to add to the job', async () => {
    const { exit, stderr, origin } = await run([], { env: { GITLAB_CI: 'true' } });
    expect(exit).toBe(EXIT.configuration);
    expect(stderr).toContain(`id_tokens: { SALLYPORT_TOKEN: { aud: ${origin} } }`);
  });
});

describe('GitHub Actions', () => {
  test('the runner is asked for a token for the broker', async () => {
    const { exit, used, service, origin, stderr } = await onGitHub([made]);
    expect([exit, used]).toEqual([EXIT.done, [JOB]]);
    expect(service.map(({ path }) => path)).toEqual([`/token?api-version=2.0&audience=${encodeURIComponent(origin)}`]);
    expect(service[0]?.headers.authorization).toBe('Bearer runner-canary');
    expect(stderr).toContain('credential: GitHub Actions');
  });

  test('... or for another audience', async () => {
    const { service } = await onGitHub([made], ['--token-audience', 'sallyport']);
    expect(service[0]?.path).toBe('/token?api-version=2.0&audience=sallyport');
  });

  test('is asked again while it does not answer, with growing pauses', async () => {
    const busy = { status: 503 };
    const { used, slept } = await onGitHub([busy, { status: 0, breaks: true }, { status: 429 }, made]);
    expect([used, slept]).toEqual([[JOB], [1_000, 2_000, 4_000]]);
  });

  test('that never answers: 69', async () => {
    const { exit, service, stderr } = await onGitHub([{ status: 503 }]);
    expect([exit, service.length]).toEqual([EXIT.unreachable, 4]);
    expect(stderr).toContain('token service does not answer: status 503');
  });

  test.each([
    ['a refusal', { status: 403, body: { message: 'no' } }],
    ['something that is no token', { status: 200, body: { value: 'to ken' } }],
  ])('%s: 78', async (_, answer) => {
    const { exit, stderr } = await onGitHub([answer]);
    expect(exit).toBe(EXIT.configuration);
    expect(stderr).toContain('id-token: write');
  });

  test('a job without the permission: 78, and the line to add', async () => {
    const { exit, stderr } = await run([], { env: { GITHUB_ACTIONS: 'true' } });
    expect(exit).toBe(EXIT.configuration);
    expect(stderr).toContain('permissions: id-token: write');
  });

  test("X1: the runner's own secret goes nowhere else", async () => {
    for (const answers of [[made], [{ status: 403 }], [{ status: 503 }]]) {
      const { stdout, stderr, used } = await onGitHub(answers, ['--json']);
      expect(stdout + stderr + String(used)).not.toContain('runner-canary');
    }
  });

  test('an address that would send it unencrypted over a network is refused', async () => {
    const env = { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://runner.acme.test/token' };
    expect(await onGitHub([made], [], env)).toMatchObject({ exit: EXIT.configuration, service: [] });
  });
});

describe('Buildkite', () => {
  let path = '';
  beforeEach(async () => {
    path = join(folder, 'bin');
    await mkdir(path, { recursive: true });
  });
  /** Puts an agent on PATH that runs this script. */
  async function agent(script: string): Promise<Stage> {
    await writeFile(join(path, 'buildkite-agent'), `#!/bin/sh\n${script}\n`);
    await chmod(join(path, 'buildkite-agent'), 0o755);
    return { env: { BUILDKITE: 'true', PATH: `${path}:${process.env.PATH}` } };
  }

  test('the agent is asked for a token for the broker', async () => {
    const given = await agent(
      `[ "$1 $2 $3 $5 $6" = "oidc request-token --audience --claim pipeline_id" ] && echo ${AGENT}`,
    );
    expect(await run([], given)).toMatchObject({ exit: EXIT.done, used: [AGENT] });
  });

  test('an agent that fails: 78, without what it printed', async () => {
    const { exit, stderr } = await run([], await agent('echo canary; echo canary >&2; exit 3'));
    expect(exit).toBe(EXIT.configuration);
    expect(stderr).toContain('buildkite-agent gave no token (exit code 3)');
    expect(stderr).not.toContain('canary');
  });

  test('no agent: 78', async () => {
    const { stderr } = await run([], { env: { BUILDKITE: 'true', PATH: join(folder, 'empty') } });
    expect(stderr).toContain('there is no such program on PATH');
  });
});

describe('Kubernetes', () => {
  async function pod(token: string): Promise<string> {
    const path = join(folder, 'pod', 'var/run/secrets/tokens/sallyport');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, token);
    return join(folder, 'pod');
  }

  test('the projected token is found by itself', async () => {
    const { used, stderr } = await run([], { root: await pod(POD) });
    expect(used).toEqual([POD]);
    expect(stderr).toContain('credential: Kubernetes (/var/run/secrets/tokens/sallyport)');
  });

  test('a CI job on a Kubernetes runner is the job, not the pod', async () => {
    const root = await pod(POD);
    const given = { GITLAB_CI: 'true', SALLYPORT_TOKEN: JOB };
    expect(await run([], { root, env: given })).toMatchObject({ used: [JOB] });
    expect((await run([], { root, env: { GITHUB_ACTIONS: 'true' } })).exit).toBe(EXIT.configuration);
  });

  test('is read anew each time: the kubelet renews it while the job waits', async () => {
    const root = await pod(POD);
    const renewed = `${POD}-renewed`;
    const short = {
      status: 400,
      body: { error: 'authorization_pending', deferral_code: 'h', expires_in: 1, interval: 5 },
    };
    const over = { status: 400, body: { error: 'expired_token' } };
    const broker = await cannedBroker([short, over, issued]);
    await stage([...ASK, '--wait', '1m'], {
      root,
      env: { SALLYPORT_ISSUER: broker.origin },
      onSleep: () => void writeFileSync(join(root, 'var/run/secrets/tokens/sallyport'), renewed),
    });
    await broker.close();
    expect(broker.asked.map(({ form }) => form.get('subject_token'))).toEqual([POD, null, renewed]);
  });
});

test('the token that was issued is what comes out, whatever the source', async () => {
  expect((await run(['--subject-token', TOKEN])).stdout).toBe(`${ISSUED}\n`);
});
