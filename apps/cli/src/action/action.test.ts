/** The GitHub Action as GitHub runs it: the committed bundle, in a process of its own, against canned answers. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { parse } from 'yaml';
import { EXIT } from '../exit-codes.ts';
import {
  FEDERATED,
  federated,
  GRANT,
  HANDLE,
  ISSUED,
  issued,
  oauth,
  pending,
  problem,
  REQUEST,
  stillPending,
} from '../testing/answers.ts';
import { type Canned, type CannedBroker, cannedBroker } from '../testing/canned-broker.ts';
import { postOf, runStep, type StepOptions } from '../testing/github-runner.ts';
import { inputNames, readInputs } from './inputs.ts';

/** Each test starts processes; the machine may be busy. */
jest.setTimeout(60_000);

const JOB = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJnaXRodWIifQ.c2lnbmVk';
const AUDIENCE = 'https://orders-db.acme.test';
const run = {
  GITHUB_WORKFLOW: 'Deploy',
  GITHUB_RUN_NUMBER: '42',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_REPOSITORY: 'acme/payments',
  GITHUB_SHA: '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_ACTOR: 'alice',
};
/** Nobody wants to wait five seconds for a test. */
const soon = (answer: Canned): Canned => ({ ...answer, body: { ...(answer.body as object), interval: 0 } });

let service: CannedBroker;
beforeEach(async () => {
  service = await cannedBroker([{ status: 200, body: { value: JOB } }]);
});
afterEach(() => service.close());

/** Runs the step, and then its post step, with a broker that gives these answers. */
async function job(
  answers: readonly Canned[],
  inputs: Readonly<Record<string, string>> = {},
  options: StepOptions = {},
) {
  const broker = await cannedBroker(answers, { views: [problem(404, 'request_unknown')] });
  try {
    const env = {
      ...run,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${service.origin}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner-canary',
      ...options.env,
    };
    const given = { issuer: broker.origin, audience: AUDIENCE, scope: 'orders:write', ...inputs };
    const step = await runStep(given, { ...options, env });
    const post = await runStep(given, { env: { ...env, ...postOf(step) } });
    return { step, post, asked: broker.asked, origin: broker.origin };
  } finally {
    await broker.close();
  }
}
const revoked = { status: 200, body: '' };

describe('the step', () => {
  test('waits, and hands the token on: output, state, and a line on the page of the run', async () => {
    const { step } = await job([soon(pending), soon(stillPending), issued, revoked]);
    expect([step.exit, step.stderr]).toEqual([EXIT.done, '']);
    expect(step.outputs).toEqual({ token: ISSUED, 'request-id': REQUEST, 'grant-id': GRANT, 'expires-in': '600' });
    expect(step.variables).toEqual({});
    expect(step.summary).toBe(
      `Sallyport: \`orders:write\` on \`${AUDIENCE}\` for 10m (\`${REQUEST}\`, \`${GRANT}\`)\n`,
    );
    expect(step.log).toContain('credential: GitHub Actions');
    expect(step.log).toContain(`Waiting for approval · ${REQUEST}`);
  });

  test('exports it only if told to', async () => {
    const { step } = await job([issued, revoked], { 'export-env': 'ORDERS_TOKEN' });
    expect(step.variables).toEqual({ ORDERS_TOKEN: ISSUED });
  });

  test('X1: masks the token before anything is said of it; no other secret is printed or handed on', async () => {
    const { step, post } = await job([soon(pending), issued, revoked], { 'export-env': 'ORDERS_TOKEN' });
    expect(step.stdout.indexOf(ISSUED)).toBe(step.stdout.indexOf(`::add-mask::${ISSUED}`) + '::add-mask::'.length);
    const shown = step.log + step.summary + post.stdout;
    for (const secret of [ISSUED, JOB, HANDLE, 'runner-canary']) expect(shown).not.toContain(secret);
    const handedOn = JSON.stringify([step.outputs, step.variables, step.state]);
    for (const secret of [JOB, HANDLE, 'runner-canary']) expect(handedOn).not.toContain(secret);
  });

  test('asks with the token of the job, for the broker, and says which run it is', async () => {
    const { asked, origin } = await job([issued, revoked]);
    expect(service.asked[0]?.path).toBe(`/token?api-version=2.0&audience=${encodeURIComponent(origin)}`);
    expect(Object.fromEntries(asked[0]?.form ?? [])).toMatchObject({
      client_id: 'ci',
      subject_token: JOB,
      audience: AUDIENCE,
      scope: 'orders:write',
      completion_mode: 'deferred',
      reason: 'Deploy: run 42 (attempt 1) of acme/payments at 1a2b3c4d5e6f on refs/heads/main, started by alice',
    });
  });

  test('says what the workflow says instead', async () => {
    const { asked } = await job([issued, revoked], {
      reason: 'Backfill',
      duration: '1h',
      request: REQUEST,
      'client-id': 'deployer',
      'token-audience': 'sallyport',
    });
    expect(service.asked[0]?.path).toContain('audience=sallyport');
    expect(Object.fromEntries(asked[0]?.form ?? [])).toMatchObject({
      reason: 'Backfill',
      requested_duration: '1h',
      request_id: REQUEST,
      client_id: 'deployer',
    });
  });

  test('T15: a federation token, if told to: masked, handed on, and not given back, for it is no token of the broker', async () => {
    const { step, post, asked } = await job([soon(pending), issued, federated], { federate: 'true' });
    expect([step.exit, step.outputs]).toEqual([EXIT.done, expect.objectContaining({ token: FEDERATED })]);
    expect(step.stdout).toContain(`::add-mask::${FEDERATED}`);
    expect(step.stdout).not.toContain(ISSUED);
    expect([post.exit, asked.map(({ path }) => path)]).toEqual([EXIT.done, Array(3).fill('/oauth/token')]);
  });

  test('fails with the exit code of the command line, and says why where people look', async () => {
    const { step, post, asked } = await job([soon(pending), oauth('access_denied', 'denied')]);
    expect([step.exit, step.outputs]).toEqual([EXIT.denied, {}]);
    expect(step.stdout).toContain('::error title=Sallyport::an approver denied this');
    expect(step.summary).toContain('an approver denied this');
    expect([post.exit, asked.length]).toEqual([EXIT.done, 2]);
  });

  test('canceling the run ends it at once; the request stays, for the run that follows', async () => {
    const { step, asked } = await job([pending], {}, { cancelAt: 'Waiting for approval' });
    expect(step.exit).toBe(EXIT.interrupted);
    expect(asked.map(({ path }) => path)).toEqual(['/oauth/token']);
  });

  test('... or is taken back, if told to', async () => {
    const { asked } = await job([pending, revoked], { 'cancel-on-exit': 'true' }, { cancelAt: 'Waiting for approval' });
    expect(asked.map(({ path }) => path)).toEqual(['/oauth/token', '/oauth/revoke']);
    expect(asked[1]?.form.get('token')).toBe(HANDLE);
  });

  test('a SALLYPORT_… variable of the workflow itself is none of its business', async () => {
    const { step } = await job([issued, revoked], {}, { env: { SALLYPORT_ANYTHING: 'x', SALLYPORT_TOKEN: 'a.b.c' } });
    expect(step.exit).toBe(EXIT.done);
  });

  test('a job without the permission is told the line to add', async () => {
    const { step } = await job([issued], {}, { env: { ACTIONS_ID_TOKEN_REQUEST_URL: '' } });
    expect(step.exit).toBe(EXIT.configuration);
    expect(step.stdout).toMatch(/^::error title=Sallyport::.*permissions: id-token: write/m);
  });
});

describe('wrong inputs', () => {
  const given = { INPUT_ISSUER: 'https://sallyport.acme.test', INPUT_AUDIENCE: AUDIENCE };
  test.each([
    ['no issuer', { INPUT_ISSUER: ' ' }, 'issuer'],
    ['an issuer that is none', { INPUT_ISSUER: 'sallyport' }, 'issuer'],
    ['no audience', { INPUT_AUDIENCE: '' }, 'audience'],
    ['a wait that is none', { INPUT_WAIT: 'long' }, 'wait'],
    ['a name the runner reads itself', { 'INPUT_EXPORT-ENV': 'NODE_OPTIONS' }, 'export-env'],
    ['a name of the runner', { 'INPUT_EXPORT-ENV': 'GITHUB_TOKEN' }, 'export-env'],
    ['a name that is none', { 'INPUT_EXPORT-ENV': 'A=B' }, 'export-env'],
    ['a yes that is none', { INPUT_REVOKE: 'yes' }, 'revoke'],
  ])('%s is named', (_, more, name) => {
    expect(() => readInputs({ ...given, ...more })).toThrow(new RegExp(`\\b${name}\\b`));
  });

  test('end the step with 78 and one annotation; its post step has nothing to do', async () => {
    const { step, post, asked } = await job([issued], { issuer: 'http://sallyport.acme.test' });
    expect([step.exit, post.exit, asked]).toEqual([EXIT.configuration, EXIT.done, []]);
    expect(step.stdout).toMatch(/^::error title=Sallyport::.*SALLYPORT_ISSUER.*https/m);
    const worse = await runStep({ wait: 'long' });
    expect([worse.exit, worse.state]).toEqual([EXIT.configuration, { phase: 'post' }]);
  });

  test('cannot begin a workflow command or a line of their own', async () => {
    const { step } = await job([oauth('invalid_request', 'x%0A::set-env::y')], { reason: 'a\n::error::b' });
    expect(step.stdout.match(/^::/gm)?.length).toBe(1);
  });
});

describe('the post step', () => {
  test('revokes the token, as the client it was issued to', async () => {
    const { post, asked } = await job([issued, revoked]);
    expect([post.exit, asked[1]?.path]).toEqual([EXIT.done, '/oauth/revoke']);
    expect(Object.fromEntries(asked[1]?.form ?? [])).toEqual({ token: ISSUED, client_id: 'ci' });
    expect(post.stdout).toContain('the token is revoked');
  });

  test('leaves it alone with revoke: false, and then it is not even kept', async () => {
    const { step, asked } = await job([issued, revoked], { revoke: 'false' });
    expect([step.state, asked.length]).toEqual([{ phase: 'post' }, 1]);
  });

  test('never fails a job that went well', async () => {
    const { post } = await job([issued, { status: 503, headers: { 'retry-after': '1' }, body: { error: 'x' } }]);
    expect(post.exit).toBe(EXIT.done);
    expect(post.stdout).toContain('::warning title=Sallyport::the token could not be revoked');
  });
});

describe('action.yml', () => {
  const metadata: unknown = parse(readFileSync(new URL('../../../../action.yml', import.meta.url), 'utf8'));
  const { inputs, outputs, runs } = metadata as {
    inputs: Record<string, { required?: boolean; default?: string }>;
    outputs: Record<string, unknown>;
    runs: Record<string, string>;
  };

  test('names exactly the inputs that are read, with the defaults that are meant', async () => {
    expect(Object.keys(inputs).sort()).toEqual([...inputNames].sort());
    const required = Object.keys(inputs).filter((name) => inputs[name]?.required === true);
    expect(required).toEqual(['issuer', 'audience']);
    const defaults = Object.entries(inputs).flatMap(([name, one]) =>
      one.default === undefined ? [] : [[`INPUT_${name.toUpperCase()}`, one.default]],
    );
    const given = { INPUT_ISSUER: 'https://sallyport.acme.test', INPUT_AUDIENCE: AUDIENCE };
    expect(readInputs({ ...given, ...Object.fromEntries(defaults) })).toEqual(readInputs(given));
  });

  test('names exactly the outputs that are set, and runs the committed file', async () => {
    const { step } = await job([issued, revoked]);
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(step.outputs).sort());
    expect(runs).toEqual({
      using: 'node24',
      main: 'action/dist/index.js',
      post: 'action/dist/index.js',
      'post-if': 'always()',
    });
  });
});
