/** Tests of identity: which one principal a verified token stands for, and which runs stand for nobody. */
import { describe, expect, test } from '@jest/globals';
import { ALICE, aPerson, aPolicy, changed, DEPLOY, GITHUB, WORKFORCE, withPerson } from '@sallyport/testkit/core';
import { identify, matches } from './identity.ts';
import type { JsonObject } from './json.ts';
import { issuerByName, type Policy } from './policy.ts';
import { person } from './principal.ts';

const policy = aPolicy();
const run = { repository_id: '123', repository_owner_id: '42', ref: 'refs/heads/main', event_name: 'push' };
const from = (name: typeof GITHUB, claims: JsonObject, by: Policy = policy) => {
  const issuer = issuerByName(policy, name);
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

  test('CJ-1: runs that strangers can start match only if `match` names the event', () => {
    for (const event_name of ['pull_request_target', 'pull_request', 'workflow_run', 'issue_comment']) {
      expect(from(GITHUB, { ...run, event_name })).toBe('event_refused');
    }
    const named = changed(policy, {
      workloads: policy.workloads.map((entry) => ({ ...entry, match: { ...entry.match, event_name: 'pull_request' } })),
    });
    expect(from(GITHUB, { ...run, event_name: 'pull_request' }, named)).toBe(`workload:${DEPLOY.id}`);
    expect(from(GITHUB, { ...run, event_name: 'push' }, named)).toBe('nobody_matches');
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

describe('matches', () => {
  test.each<[string, JsonObject, JsonObject, boolean]>([
    ['an empty match matches nothing', {}, { a: 1 }, false],
    ['an empty nested map matches nothing', { a: {} }, { a: { b: 1 } }, false],
    ['nested maps member by member', { k: { ns: 'prod' } }, { k: { ns: 'prod', pod: 'x' } }, true],
    ['a nested value that differs', { k: { ns: 'prod' } }, { k: { ns: 'dev' } }, false],
    ['a map where a value is wanted', { k: 'prod' }, { k: { ns: 'prod' } }, false],
    ['a value where a map is wanted', { k: { ns: 'prod' } }, { k: 'prod' }, false],
    ['a list where a map is wanted', { k: { '0': 'x' } }, { k: ['x'] }, false],
    ['true is not "true"', { p: 'true' }, { p: true }, false],
    ['inherited names are not claims', { toString: 'x' }, {}, false],
    ['null is only null', { a: null }, { a: null }, true],
    ['null is not absent', { a: null }, {}, false],
  ])('%s', (_, match, claims, expected) => {
    expect(matches(match, claims)).toBe(expected);
  });

  test('CJ-2: __proto__ in claims is a name like any other', () => {
    const claims = JSON.parse('{"__proto__": {"repository_id": "123"}}') as JsonObject;
    expect(matches({ repository_id: '123' }, claims)).toBe(false);
  });
});
