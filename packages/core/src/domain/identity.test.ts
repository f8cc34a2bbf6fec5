/** Tests of identity: which one principal a verified token stands for, and which runs stand for nobody. */
import { describe, expect, test } from '@jest/globals';
import { ALICE, aPerson, aPolicy, changed, DEPLOY, GITHUB, WORKFORCE, withPerson } from '@sallyport/testkit/core';
import { identify, starterOf } from './identity.ts';
import type { JsonObject } from './json.ts';
import { issuerByName, type Policy, type Preset } from './policy.ts';
import { person } from './principal.ts';

const policy = aPolicy();
const run = { repository_id: '123', repository_owner_id: '42', ref: 'refs/heads/main', event_name: 'push' };
const from = (name: typeof GITHUB, claims: JsonObject, by: Policy = policy) => {
  const issuer = issuerByName(by, name) ?? issuerByName(policy, name);
  if (issuer === undefined) throw new Error('the example has this issuer');
  const found = identify(by, issuer, claims);
  return found.ok ? `${found.value.kind}:${found.value.id}` : found.error;
};

describe('people', () => {
  test('by issuer and sub, nothing else', () => {
    expect(from(WORKFORCE, { sub: 'alice', email: 'bob@acme.test' })).toBe(`person:${ALICE.id}`);
    expect(from(WORKFORCE, { sub: 'alice@acme.test' })).toBe('nobody_matches');
    expect(from(WORKFORCE, { sub: 'ALICE' })).toBe('nobody_matches');
    expect(from(WORKFORCE, { email: 'alice@acme.test' })).toBe('nobody_matches');
  });

  test('CJ-2: the same sub at another issuer is nobody', () => {
    expect(from(GITHUB, { sub: 'alice' })).toBe('nobody_matches');
  });

  test('two people with one sub are refused, not guessed', () => {
    const twins = changed(policy, {
      people: [...policy.people, aPerson(person('twin').id, { subject: { issuer: WORKFORCE, sub: 'alice' } })],
    });
    expect(from(WORKFORCE, { sub: 'alice' }, twins)).toBe('several_match');
  });

  test('I-18: a disabled person is not in the directory', () => {
    expect(from(WORKFORCE, { sub: 'alice' }, withPerson(policy, ALICE.id, { enabled: false }))).toBe(
      'not_in_directory',
    );
  });

  test('a person without a subject matches no token, not even one without sub', () => {
    const { subject: _, ...unbound } = aPerson(ALICE.id);
    expect(from(WORKFORCE, {}, changed(policy, { people: [unbound] }))).toBe('nobody_matches');
  });
});

describe('workloads', () => {
  test('S33: by whole values', () => {
    expect(from(GITHUB, run)).toBe(`workload:${DEPLOY.id}`);
    for (const ref of ['refs/heads/mainx', 'xrefs/heads/main', 'refs/heads/MAIN', 'refs/heads/main\n', '', 1, null]) {
      expect(from(GITHUB, { ...run, ref })).toBe('nobody_matches');
    }
    const { ref: _, ...without } = run;
    expect(from(GITHUB, without)).toBe('nobody_matches');
  });

  test('S33: a number is not the string that looks like it', () => {
    expect(from(GITHUB, { ...run, repository_id: 123 })).toBe('nobody_matches');
  });

  test.each<[Preset, string, readonly string[], readonly string[]]>([
    [
      'github',
      'event_name',
      ['push', 'schedule', 'workflow_dispatch', 'release'],
      [
        'pull_request_target',
        'pull_request',
        'workflow_run',
        'issue_comment',
        'fork',
        'dynamic',
        'of_tomorrow',
        'PUSH',
      ],
    ],
    [
      'gitlab',
      'pipeline_source',
      ['push', 'web', 'schedule'],
      ['merge_request_event', 'external_pull_request_event', 'parent_pipeline', 'of_tomorrow', ''],
    ],
    ['buildkite', 'build_source', ['webhook', 'ui'], ['trigger_job', 'of_tomorrow']],
  ])(
    'CJ-1: on %s a run that takes no right to write matches only if `match` names its %s',
    (preset, claim, good, bad) => {
      const by = changed(policy, { issuers: policy.issuers.map((issuer) => ({ ...issuer, preset })) });
      const { event_name: _, ...job } = run;
      for (const value of good) expect(from(GITHUB, { ...job, [claim]: value }, by)).toBe(`workload:${DEPLOY.id}`);
      for (const value of [...bad, null, 7, ['push']]) {
        expect(from(GITHUB, { ...job, [claim]: value }, by)).toBe('event_refused');
      }
      const [named = ''] = bad.map(String);
      const naming = changed(by, {
        workloads: by.workloads.map((entry) => ({ ...entry, match: { ...entry.match, [claim]: named } })),
      });
      expect(from(GITHUB, { ...job, [claim]: named }, naming)).toBe(`workload:${DEPLOY.id}`);
      expect(from(GITHUB, { ...job, [claim]: good[0] ?? '' }, naming)).toBe('nobody_matches');
    },
  );

  describe('of Kubernetes', () => {
    const uid = '14ee3fa4-a7e2-420f-9f9a-dbc4507c3798';
    const account = { namespace: 'pay', serviceaccount: { name: 'deploy', uid } };
    const ofCluster = (match: JsonObject) =>
      changed(policy, {
        issuers: policy.issuers.map((issuer) => ({ ...issuer, preset: 'kubernetes' as const })),
        workloads: policy.workloads.slice(0, 1).map((entry) => ({ ...entry, match: { 'kubernetes.io': match } })),
      });
    const by = ofCluster({ serviceaccount: { uid } });
    const claims = (more: JsonObject) => ({ 'kubernetes.io': { ...account, ...more } });

    test('a token stands for the account by its uid, whatever its name, while it is bound to a pod', () => {
      expect(from(GITHUB, claims({ pod: { name: 'x', uid: 'p' } }), by)).toBe(`workload:${DEPLOY.id}`);
      const reborn = { serviceaccount: { name: 'deploy', uid: 'another' }, pod: { name: 'x', uid: 'p' } };
      expect(from(GITHUB, claims(reborn), by)).toBe('nobody_matches');
    });

    test('a token that dies with nothing, or with what `match` does not name, is nobody’s', () => {
      for (const more of [{}, { pod: {} }, { pod: 'x' }, { secret: { uid: 's' } }, { node: { uid: 'n' } }]) {
        expect(from(GITHUB, claims(more), by)).toBe('unbound');
      }
    });

    test('a token bound to a secret or node counts where `match` names just that one', () => {
      const bySecret = ofCluster({ serviceaccount: { uid }, secret: { uid: 's' } });
      expect(from(GITHUB, claims({ secret: { uid: 's' } }), bySecret)).toBe(`workload:${DEPLOY.id}`);
      expect(from(GITHUB, claims({ secret: { uid: 't' } }), bySecret)).toBe('nobody_matches');
      expect(from(GITHUB, claims({ node: { name: 'n' } }), ofCluster({ node: { name: 'n' } }))).toBe('unbound');
    });
  });

  test('two workloads that match one run are refused', () => {
    const two = changed(policy, {
      workloads: policy.workloads.map((entry) => ({ ...entry, match: { repository_owner_id: '42' } })),
    });
    expect(from(GITHUB, run, two)).toBe('several_match');
  });

  test('I-18: a disabled workload, or one of a disabled issuer, is nobody', () => {
    const off = changed(policy, { workloads: policy.workloads.map((entry) => ({ ...entry, enabled: false })) });
    expect(from(GITHUB, run, off)).toBe('not_in_directory');
    const issuerOff = changed(policy, { issuers: policy.issuers.map((one) => ({ ...one, enabled: false })) });
    expect(from(GITHUB, run, issuerOff)).toBe('not_in_directory');
  });
});

describe('the starter of a run', () => {
  const starting = changed(policy, {
    people: policy.people.map((entry) =>
      entry.id === ALICE.id ? { ...entry, startsAs: [{ issuer: GITHUB, id: '583231' }] } : entry,
    ),
  });
  const starter = (claims: JsonObject, by: Policy = starting, name = GITHUB) => {
    const issuer = issuerByName(by, name);
    return issuer && starterOf(by, issuer, claims);
  };

  test('MA-6: is the person whose id at this issuer the claims name', () => {
    expect(starter({ ...run, actor_id: '583231', actor: 'anything' })).toBe(ALICE.id);
    expect(starter({ actor_id: '583231' }, withPerson(starting, ALICE.id, { enabled: false }))).toBe(ALICE.id);
  });

  test('is nobody by another id, by a name, by a number, at another issuer, or where claims name none', () => {
    expect(starter({ actor_id: '583232', actor: '583231' })).toBeUndefined();
    expect(starter({ actor_id: 583231 })).toBeUndefined();
    expect(starter({})).toBeUndefined();
    expect(starter({ actor_id: '583231' }, starting, WORKFORCE)).toBeUndefined();
    expect(starter({ actor_id: '583231' }, policy)).toBeUndefined();
    const cluster = changed(starting, {
      issuers: starting.issuers.map((issuer) => ({ ...issuer, preset: 'buildkite' as const })),
    });
    expect(starter({ actor_id: '583231' }, cluster)).toBeUndefined();
  });
});
