/** Law: docs/trust.md says of each kind of issuer what the code knows, and its policies are in order and recognise what they should. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { identify, type JsonObject, PRESETS, type Preset } from '@sallyport/core';
import { buildkiteClaims, type Framing, githubClaims, gitlabClaims, kubernetesClaims } from '@sallyport/testkit/issuer';
import { briefly, compiled } from './test-support/example.ts';

const page = await readFile(new URL('../../../docs/trust.md', import.meta.url), 'utf8');
const audience = 'https://sallyport.acme.test';

/** The part under a heading. */
function section(heading: string): string {
  const part = page.split(/^## /m).find((one) => one.startsWith(`${heading}\n`));
  if (part === undefined) throw new Error(`docs/trust.md has no section ${heading}`);
  return part;
}

/** The one complete policy in it. */
function policyIn(heading: string): string {
  const blocks = [...section(heading).matchAll(/^```yaml\n(version: 1\n.*?)^```$/gms)].map((found) => found[1] ?? '');
  const [policy, ...others] = blocks;
  if (policy === undefined || others.length > 0) throw new Error(`${heading} has ${blocks.length} policies`);
  return policy;
}

function whoIs(heading: string, claimsOf: (framing: Framing) => object): string {
  const { policy } = compiled(policyIn(heading));
  const [issuer] = policy.issuers;
  if (issuer === undefined) throw new Error('a policy with an issuer');
  const claims = claimsOf({ issuer: issuer.issuer, nowSeconds: 1_800_000_000 }) as JsonObject;
  const found = identify(policy, issuer, claims);
  return found.ok ? found.value.id : found.error;
}

const HEADINGS: Readonly<Record<Preset | 'workforce', string>> = {
  github: 'GitHub Actions',
  gitlab: 'GitLab',
  kubernetes: 'Kubernetes',
  buildkite: 'Buildkite',
  generic: 'Any other OIDC issuer',
  workforce: "The company's identity provider",
};

describe('every policy on the page', () => {
  test.each(Object.entries(HEADINGS))('%s: is in order, without a warning', (kind, heading) => {
    const expected = kind === 'kubernetes' ? ['advice issuers[0].allow_private_address'] : [];
    expect(briefly(compiled(policyIn(heading)).issues)).toEqual(expected);
  });

  test('each issuer is of the kind its section is about', () => {
    for (const kind of Object.keys(PRESETS) as Preset[]) {
      expect(compiled(policyIn(HEADINGS[kind])).policy.issuers[0]?.preset).toBe(kind);
    }
  });

  test.each<[Preset, (change: object) => (framing: Framing) => object, object, object]>([
    [
      'github',
      (change) => (framing) => githubClaims({ audience, claims: { environment: 'production' }, ...change }, framing),
      {},
      { eventName: 'pull_request_target' },
    ],
    ['gitlab', (change) => (framing) => gitlabClaims({ audience, ...change }, framing), {}, { ref: 'fix' }],
    ['kubernetes', (change) => (framing) => kubernetesClaims({ audience, ...change }, framing), {}, { boundTo: null }],
    [
      'buildkite',
      (change) => (framing) => buildkiteClaims({ audience, ...change }, framing),
      {},
      { buildSource: 'ui' },
    ],
    ['generic', (change) => () => ({ sub: 'job-7f3a', stage: 'production', ...change }), {}, { stage: 'test' }],
  ])('%s: recognises the job it means, and no other', (kind, claimsOf, good, bad) => {
    expect(whoIs(HEADINGS[kind], claimsOf(good))).toBe('payments-deploy');
    expect(whoIs(HEADINGS[kind], claimsOf(bad))).toMatch(/^(?:nobody_matches|event_refused|unbound)$/);
  });

  test('workforce: recognises people by sub alone', () => {
    expect(whoIs(HEADINGS.workforce, () => ({ sub: '00u1a2b3c4d5e6f7g8h9', email: 'dan@acme.test' }))).toBe('alice');
    expect(whoIs(HEADINGS.workforce, () => ({ sub: 'x', email: 'alice@acme.test', groups: ['dba'] }))).toBe(
      'nobody_matches',
    );
  });
});

test.each(Object.keys(PRESETS) as Preset[])('%s: everything the code knows is on the page', (kind) => {
  const { ids, better, pins, runs, bound, traps, starter } = PRESETS[kind];
  const paths = [
    ...ids,
    ...better.map(({ claim }) => claim),
    ...pins,
    ...(bound === undefined ? [] : [bound.to, ...bound.or]),
  ];
  const names = [...paths.flat(), ...Object.keys(traps), ...(runs === undefined ? [] : [runs.claim, ...runs.ordinary])];
  const said = new Set([...section(HEADINGS[kind]).matchAll(/`([^`\n]+)`/g)].map((found) => found[1]));
  expect([...names, ...(starter === undefined ? [] : [starter])].filter((name) => !said.has(name))).toEqual([]);
});
