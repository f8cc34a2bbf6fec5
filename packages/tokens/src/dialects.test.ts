/** One token of every kind of issuer through the one verifier: who it stands for, and what of its own rules refuses it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Issuer, IssuerName, JsonObject, Preset, WorkloadId } from '@sallyport/core';
import { ALICE, aPolicy, changed, withPerson } from '@sallyport/testkit/core';
import { type IssuerServer, oldKubernetesClaims, startIssuer, type TestIssuer } from '@sallyport/testkit/issuer';
import { makeIssuerKeys } from './issuers.ts';
import { makeSubjectVerifier } from './subject-verifier.ts';
import { now, OWN_ISSUER } from './test-support/world.ts';

const audience = 'https://sallyport.acme.test';
const KINDS = ['github', 'gitlab', 'kubernetes', 'buildkite', 'generic'] as const satisfies readonly Preset[];
const MATCH: Readonly<Record<Preset, JsonObject>> = {
  github: { repository_id: '123', repository_owner_id: '42', ref: 'refs/heads/main' },
  gitlab: { project_id: '20', namespace_id: '72', ref_path: 'refs/heads/main', ref_protected: 'true' },
  kubernetes: { 'kubernetes.io': { serviceaccount: { uid: '14ee3fa4-a7e2-420f-9f9a-dbc4507c3798' } } },
  buildkite: { pipeline_id: '0184990a-4782-42b5-afc1-16715b10b1a0', build_branch: 'main' },
  generic: { sub: 'deploy' },
};

let server: IssuerServer;
let judge: (token: string) => Promise<string>;
let starterIn: (token: string) => Promise<string | undefined>;
const at = (kind: Preset): TestIssuer => server.issuer(kind);

beforeAll(async () => {
  server = await startIssuer({ issuers: KINDS.map((name) => ({ name, algorithm: 'RS256' as const })) });
  const starting = withPerson(aPolicy(), ALICE.id, {
    startsAs: [
      { issuer: 'github' as IssuerName, id: '583231' },
      { issuer: 'gitlab' as IssuerName, id: '1' },
    ],
  });
  const policy = changed(starting, {
    issuers: KINDS.map(issuerOf),
    workloads: KINDS.map((kind) => ({
      id: `${kind}-deploy` as WorkloadId,
      issuer: kind as string as IssuerName,
      match: MATCH[kind],
      owners: [],
      enabled: true,
    })),
  });
  const verifier = makeSubjectVerifier({ keys: makeIssuerKeys({ allowHttpIssuers: true }), ownIssuer: OWN_ISSUER });
  judge = async (token) => {
    const verified = await verifier.verify(token, policy, now());
    return verified.ok ? verified.value.principal.id : `refused: ${verified.error.why}`;
  };
  starterIn = async (token) => {
    const verified = await verifier.verify(token, policy, now());
    return verified.ok ? verified.value.startedBy : undefined;
  };
});
afterAll(() => server.close());

function issuerOf(kind: Preset): Issuer {
  const [base] = aPolicy().issuers;
  if (base === undefined) throw new Error('the example has issuers');
  const { url, algorithms } = server.issuer(kind);
  return { ...base, name: kind as string as IssuerName, issuer: url, audience, algorithms, preset: kind };
}

describe('GitHub Actions', () => {
  test('a push to the branch is the workload; another branch, owner or repository nobody', async () => {
    expect(await judge(await at('github').githubToken({ audience }))).toBe('github-deploy');
    for (const other of [
      { ref: 'refs/heads/fix' },
      { ref: 'main' },
      { repositoryId: '124' },
      { repositoryOwnerId: '43' },
    ]) {
      expect(await judge(await at('github').githubToken({ audience, ...other }))).toBe('refused: nobody_matches');
    }
  });

  test.each(['pull_request_target', 'pull_request', 'workflow_run', 'issue_comment'])('CJ-1: %s', async (eventName) => {
    expect(await judge(await at('github').githubToken({ audience, eventName }))).toBe('refused: event_refused');
  });

  test('S10: its default audience, the address of the owner', async () => {
    expect(await judge(await at('github').githubToken({ audience: 'https://github.com/acme' }))).toMatch(
      /^refused: .*aud/,
    );
  });

  test('MA-6: whoever started the run is known by actor_id', async () => {
    expect(await starterIn(await at('github').githubToken({ audience }))).toBe(ALICE.id);
    expect(await starterIn(await at('github').githubToken({ audience, claims: { actor_id: '7' } }))).toBeUndefined();
  });
});

describe('GitLab', () => {
  test('a push to the protected branch is the workload; an unprotected one, another project or group nobody', async () => {
    expect(await judge(await at('gitlab').gitlabToken({ audience }))).toBe('gitlab-deploy');
    const elsewhere = { id: '21', path: 'acme/other', namespaceId: '72' };
    for (const other of [
      { ref: 'fix' },
      { claims: { ref_protected: 'false' } },
      { claims: { ref_protected: true } },
      { claims: { namespace_id: '73' } },
      { project: elsewhere },
    ]) {
      expect(await judge(await at('gitlab').gitlabToken({ audience, ...other }))).toBe('refused: nobody_matches');
    }
  });

  test('CJ-1: a merge request from a fork is the fork, wherever it runs; one of our own is refused as a run', async () => {
    const fork = { id: '999', path: 'mallory/payments', namespaceId: '666' };
    const ours = { id: '20', path: 'acme/payments', namespaceId: '72' };
    const pipelineSource = 'merge_request_event';
    const fromFork = await at('gitlab').gitlabToken({ audience, pipelineSource, project: fork, jobProject: ours });
    expect(await judge(fromFork)).toBe('refused: nobody_matches');
    // We are somebody else's fork: the job runs at theirs, on their runners, with our project_id.
    const atTheirs = await at('gitlab').gitlabToken({ audience, pipelineSource, project: ours, jobProject: fork });
    expect(await judge(atTheirs)).toBe('refused: event_refused');
    expect(await judge(await at('gitlab').gitlabToken({ audience, pipelineSource: 'parent_pipeline' }))).toBe(
      'refused: event_refused',
    );
  });

  test('S20: a token that lives as long as a job of two days may run', async () => {
    expect(await judge(await at('gitlab').gitlabToken({ audience, ttlSeconds: 2 * 86_400 }))).toBe('refused: life');
  });

  test('MA-6: whoever started the job is known by user_id', async () => {
    expect(await starterIn(await at('gitlab').gitlabToken({ audience }))).toBe(ALICE.id);
  });
});

describe('Kubernetes', () => {
  test('a pod of the service account is the workload; the same name with another uid nobody', async () => {
    expect(await judge(await at('kubernetes').kubernetesToken({ audience }))).toBe('kubernetes-deploy');
    const reborn = { name: 'deployer', uid: '00000000-0000-4000-8000-000000000000' };
    expect(await judge(await at('kubernetes').kubernetesToken({ audience, serviceAccount: reborn }))).toBe(
      'refused: nobody_matches',
    );
  });

  test.each(['secret', 'node', null] as const)('a token bound to %s and no pod', async (boundTo) => {
    expect(await judge(await at('kubernetes').kubernetesToken({ audience, boundTo }))).toBe('refused: unbound');
  });

  test('S20: a token of old clusters, for ever and for everybody; and one without exp, aud or jti', async () => {
    const framing = { issuer: at('kubernetes').url, nowSeconds: Math.floor(Date.now() / 1_000) };
    expect(await judge(await at('kubernetes').sign(oldKubernetesClaims(framing)))).toMatch(/^refused: claim:/);
    for (const missing of ['exp', 'aud', 'jti']) {
      const token = await at('kubernetes').kubernetesToken({ audience, claims: { [missing]: undefined } });
      expect(await judge(token)).toMatch(/^refused: /);
    }
  });

  test('S11: a token for the API server as well', async () => {
    const aud = ['https://kubernetes.default.svc', audience];
    expect(await judge(await at('kubernetes').kubernetesToken({ audience, claims: { aud } }))).toBe('refused: aud');
  });
});

describe('Buildkite', () => {
  test('a build of the branch is the workload, though its token has no jti; without the UUID it is nobody', async () => {
    expect(await judge(await at('buildkite').buildkiteToken({ audience }))).toBe('buildkite-deploy');
    for (const other of [{ branch: 'mallory:main' }, { pipelineId: 'x' }, { claims: { pipeline_id: undefined } }]) {
      expect(await judge(await at('buildkite').buildkiteToken({ audience, ...other }))).toBe('refused: nobody_matches');
    }
  });

  test('CJ-1: a build triggered by another pipeline, which names the branch as it likes', async () => {
    expect(await judge(await at('buildkite').buildkiteToken({ audience, buildSource: 'trigger_job' }))).toBe(
      'refused: event_refused',
    );
  });

  test('nobody is known as the starter', async () => {
    expect(await starterIn(await at('buildkite').buildkiteToken({ audience }))).toBeUndefined();
  });
});

describe('any other issuer', () => {
  const token = (claims: object) =>
    at('generic').sign({ ...at('generic').idClaims({ sub: 'deploy', audience }), jti: 'job-1', ...claims });

  test('a token is the workload by its sub, and must name itself', async () => {
    expect(await judge(await token({}))).toBe('generic-deploy');
    expect(await judge(await token({ sub: 'Deploy' }))).toBe('refused: nobody_matches');
    expect(await judge(await token({ jti: undefined }))).toBe('refused: jti');
  });
});

test('S9: no kind of issuer speaks for another, whatever its tokens claim', async () => {
  const claims = { iss: at('github').url };
  expect(await judge(await at('gitlab').gitlabToken({ audience, claims }))).toBe('refused: unknown_key');
  expect(await judge(await at('gitlab').githubToken({ audience }))).toBe('refused: nobody_matches');
});
