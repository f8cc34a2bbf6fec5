/** CJ-1, CJ-2: what `policy check` says of how workloads and people are recognised. */
import { describe, expect, test } from '@jest/globals';
import type { Preset } from '@sallyport/core';
import { parseCompiled, serializePolicy } from './compiled.ts';
import { formatIssue } from './issue.ts';
import { briefly, compiled, EXAMPLE, issuesOf } from './test-support/example.ts';

/** The example with its CI system of this kind, and its first workload recognised by these claims. */
function recognising(preset: Preset, match: string): string {
  return EXAMPLE.replace('https://token.actions.githubusercontent.com', 'https://ci.acme.test')
    .replace('max_token_age: 1h', `preset: ${preset}`)
    .replace(/match: \{.*?\}, owners/, `match: ${match}, owners`);
}

const said = (preset: Preset, match: string) =>
  briefly(issuesOf(recognising(preset, match))).filter((one) => one.includes('workloads[0]'));

describe('CJ-2: by ids that cannot be taken over', () => {
  test.each<[Preset, string]>([
    ['github', '{ repository: acme/payments, repository_owner_id: "42", ref: refs/heads/main }'],
    ['gitlab', '{ project_path: acme/payments, namespace_id: "72", ref_path: refs/heads/main }'],
    ['buildkite', '{ organization_id: "1", pipeline_slug: payments, build_branch: main }'],
    ['kubernetes', '{ kubernetes.io: { namespace: pay, serviceaccount: { name: deploy } } }'],
    ['kubernetes', '{ sub: "system:serviceaccount:pay:deploy" }'],
  ])('%s: %s is refused', (preset, match) => {
    expect(said(preset, match)).toEqual(['error workloads[0].match']);
  });

  test.each<[Preset, string]>([
    ['github', '{ repository_id: "123", repository_owner_id: "42", ref: refs/heads/main }'],
    ['github', '{ repository_id: "123", repository_owner_id: "42", environment: production }'],
    ['gitlab', '{ project_id: "20", namespace_id: "72", ref: main, ref_type: branch }'],
    ['gitlab', '{ project_id: "20", namespace_id: "72", ref_protected: "true" }'],
    ['buildkite', '{ pipeline_id: 0184990a-4782, build_branch: main }'],
    ['kubernetes', '{ kubernetes.io: { serviceaccount: { uid: 14ee3fa4-a7e2 } } }'],
    ['generic', '{ sub: deploy }'],
  ])('%s: %s is fine', (preset, match) => {
    expect(said(preset, match)).toEqual([]);
  });

  test.each<[Preset, string, RegExp]>([
    ['github', '{ repository_id: "123", ref: refs/heads/main }', /repository_owner_id as well: .* transferred/],
    ['gitlab', '{ project_id: "20", ref_path: refs/heads/main }', /namespace_id as well: .* moved/],
    ['gitlab', '{ project_id: "20", namespace_id: "72", ref: main }', /ref_type as well: a tag may have/],
    ['generic', '{ project: payments }', /sub as well/],
  ])('%s: %s could be more exact', (preset, match, sentence) => {
    expect(said(preset, match)).toEqual(['advice workloads[0].match']);
    expect(issuesOf(recognising(preset, match)).find((one) => one.path === 'workloads[0].match')?.message).toMatch(
      sentence,
    );
  });

  test('a number or boolean where texts are sent never matches, also deep down; a claim that is a number is one', () => {
    expect(said('github', '{ repository_id: 123, repository_owner_id: "42", ref: refs/heads/main }')).toEqual([
      'warning workloads[0].match.repository_id',
    ]);
    expect(said('gitlab', '{ project_id: "20", namespace_id: "72", ref_protected: true }')).toEqual([
      'warning workloads[0].match.ref_protected',
    ]);
    expect(said('kubernetes', '{ kubernetes.io: { serviceaccount: { uid: 77 } } }')).toEqual([
      'warning workloads[0].match["kubernetes.io"].serviceaccount.uid',
    ]);
    expect(said('gitlab', '{ project_id: "20", namespace_id: "72", ref_protected: "true", runner_id: 1 }')).toEqual([]);
    expect(said('generic', '{ sub: deploy, project: 20 }')).toEqual([]);
  });
});

describe('CJ-1: from branches and runs that somebody answers for', () => {
  test.each<[Preset, string]>([
    ['github', '{ repository_id: "123", repository_owner_id: "42" }'],
    ['gitlab', '{ project_id: "20", namespace_id: "72" }'],
    ['buildkite', '{ pipeline_id: 0184990a-4782 }'],
  ])('%s: a match that names neither ref nor environment gets a word about it', (preset, match) => {
    expect(said(preset, match)).toEqual(['advice workloads[0].match']);
  });

  test.each<[Preset, string, string]>([
    ['github', 'event_name: pull_request_target', '{ repository_id: "1", repository_owner_id: "2", ref: r, '],
    ['gitlab', 'pipeline_source: merge_request_event', '{ project_id: "1", namespace_id: "2", ref_path: r, '],
    ['buildkite', 'build_source: trigger_job', '{ pipeline_id: a, build_branch: main, '],
  ])('%s: naming %s is allowed, with a word about it', (preset, claim, rest) => {
    const [name] = claim.split(':');
    expect(said(preset, `${rest}${claim} }`)).toEqual([`advice workloads[0].match.${name}`]);
  });

  test('naming an ordinary run needs no word', () => {
    expect(said('github', '{ repository_id: "1", repository_owner_id: "2", ref: r, event_name: push }')).toEqual([]);
  });

  test.each<[Preset, string, string]>([
    ['github', 'sub', '{ repository_id: "1", repository_owner_id: "2", ref: r, sub: "repo:acme/payments:ref:r" }'],
    ['github', 'actor', '{ repository_id: "1", repository_owner_id: "2", ref: r, actor: alice }'],
    ['gitlab', 'user_login', '{ project_id: "1", namespace_id: "2", ref_path: r, user_login: alice }'],
    ['buildkite', 'sub', '{ pipeline_id: a, build_branch: main, sub: "organization:acme" }'],
  ])('%s: matching by %s is a trap', (preset, claim, match) => {
    expect(said(preset, match)).toEqual([`advice workloads[0].match.${claim}`]);
  });
});

describe('issuers', () => {
  const issuers = (text: string) => briefly(issuesOf(text)).filter((one) => one.includes('issuers'));

  test('rules of a well-known issuer are not lost unsaid', () => {
    expect(issuers(EXAMPLE.replace('max_token_age: 1h', 'preset: generic'))).toEqual(['advice issuers[0].preset']);
    expect(issuers(EXAMPLE.replace('max_token_age: 1h', 'preset: github'))).toEqual([]);
    expect(issuers(EXAMPLE.replace('[ES256, RS256]', '[ES256], preset: gitlab'))).toEqual([
      'warning issuers[1].preset',
    ]);
  });

  test.each([
    ['github', 'https://github.com/acme'],
    ['buildkite', 'https://buildkite.com/acme'],
    ['kubernetes', 'https://kubernetes.default.svc'],
    ['gitlab', 'https://token.actions.githubusercontent.com'],
  ])('S10: %s: the audience everybody gets, %s, is not one of ours', (preset, audience) => {
    const text = EXAMPLE.replace('"https://sallyport.acme.test", algorithms', `"${audience}", algorithms`);
    expect(issuers(text.replace('max_token_age: 1h', `preset: ${preset}`))).toContain('advice issuers[0].audience');
  });

  test('X2: a private address is allowed by name, and never unsaid', () => {
    const allowing = (value: string) => EXAMPLE.replace('max_token_age: 1h', `allow_private_address: ${value}`);
    expect(compiled(EXAMPLE).policy.issuers[0]).not.toHaveProperty('allowPrivateAddress');
    expect(compiled(allowing('false')).policy).toEqual(compiled(EXAMPLE.replace(', max_token_age: 1h', '')).policy);
    expect(compiled(allowing('true')).policy.issuers[0]?.allowPrivateAddress).toBe(true);
    expect(issuers(allowing('true'))).toEqual(['advice issuers[0].allow_private_address']);
    expect(issuers(allowing('"yes"'))).toEqual(['error issuers[0].allow_private_address']);
  });
});

describe('people', () => {
  const aboutAlice = (from: string, to: string) =>
    briefly(issuesOf(EXAMPLE.replace(from, to))).filter((one) => one.includes('people[0]'));
  const starting = (starts: string) => aboutAlice('sub: "alice" }', `sub: "alice" }, starts_as: ${starts}`);

  test('a sub that looks like an e-mail address gets a word about it', () => {
    expect(aboutAlice('sub: "alice"', 'sub: "alice@acme.test"')).toEqual(['advice people[0].subject.sub']);
  });

  test('MA-6: starters of runs are known by an id at an issuer whose tokens name one', () => {
    expect(starting('[{ issuer: github, id: "583231" }]')).toEqual([]);
    expect(starting('[{ issuer: github, id: alice }]')).toEqual(['warning people[0].starts_as[0].id']);
    expect(starting('[{ issuer: workforce, id: "1" }]')).toEqual(['warning people[0].starts_as[0].issuer']);
    expect(starting('[{ issuer: nowhere, id: "1" }]')).toEqual(['warning people[0].starts_as[0].issuer']);
    expect(starting('[{ issuer: github }]')).toEqual(['error people[0].starts_as[0].id']);
  });

  test('MA-6: one id is one person’s', () => {
    const text = EXAMPLE.replaceAll(/slack: (\{ team: T01TEST, user: U01(?:ALICE|BOB) \})/g, (whole) => {
      return `${whole}, starts_as: [{ issuer: github, id: "583231" }]`;
    });
    const [issue] = issuesOf(text).filter((one) => one.severity === 'error');
    expect(issue).toMatchObject({
      path: 'people[1].starts_as[0]',
      message: 'the same as people[0].starts_as[0] (policy.yaml:10)',
    });
  });
});

test('private addresses and starters survive being stored', () => {
  const text = EXAMPLE.replace('max_token_age: 1h', 'allow_private_address: true').replace(
    'sub: "alice" }',
    'sub: "alice" }, starts_as: [{ issuer: github, id: "7" }]',
  );
  const { policy } = compiled(text);
  expect(policy.people[0]?.startsAs).toEqual([{ issuer: 'github', id: '7' }]);
  expect(parseCompiled(JSON.parse(JSON.stringify(serializePolicy(policy))))).toEqual(policy);
});

test('every sentence has its file, line, column and path, and says what to do', () => {
  const [issue] = issuesOf(recognising('github', '{ repository: acme/payments }')).filter(
    (one) => one.severity === 'error',
  );
  expect(issue && formatIssue(issue)).toBe(
    'policy.yaml:14:44: error: workloads[0].match: github: name repository_id; everything else can be taken over',
  );
});
