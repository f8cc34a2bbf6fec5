/** Tests of the policy's lookups: what is disabled is not there, references name exactly whom they say. */
import { describe, expect, test } from '@jest/globals';
import {
  ALICE,
  aPolicy,
  BOB,
  CAROL,
  changed,
  DAN,
  DAVE,
  DEPLOY,
  GITHUB,
  group,
  ORDERS,
  WORKFORCE,
  withPerson,
} from '@sallyport/testkit/core';
import {
  clientById,
  isInForce,
  issuerByName,
  issuerByUrl,
  managersOf,
  ownersOf,
  owns,
  type Policy,
  personById,
  refersToPerson,
  resourceByAudience,
  resourceById,
  roleOf,
  workloadById,
  workloadsOwnedBy,
} from './policy.ts';
import { person, workload } from './principal.ts';

const policy = aPolicy();
const disabled = <T extends { readonly enabled: boolean }>(all: readonly T[]): T[] =>
  all.map((one) => ({ ...one, enabled: false }));
const allOff: Policy = changed(policy, {
  issuers: disabled(policy.issuers),
  clients: disabled(policy.clients),
  people: disabled(policy.people),
  workloads: disabled(policy.workloads),
  resources: disabled(policy.resources),
});

const lookups: readonly [string, (p: Policy) => unknown][] = [
  ['issuerByUrl', (p) => issuerByUrl(p, 'https://login.acme.test')],
  ['issuerByName', (p) => issuerByName(p, WORKFORCE)],
  ['clientById', (p) => clientById(p, 'ci')],
  ['personById', (p) => personById(p, ALICE.id)],
  ['workloadById', (p) => workloadById(p, DEPLOY.id)],
  ['resourceById', (p) => resourceById(p, ORDERS)],
  ['resourceByAudience', (p) => resourceByAudience(p, 'https://orders-db.acme.test')],
];

test.each(lookups)('I-18: %s finds what is enabled, and nothing that is disabled', (_, find) => {
  expect(find(policy)).toBeDefined();
  expect(find(allOff)).toBeUndefined();
});

test('identifiers are compared byte for byte', () => {
  expect(issuerByUrl(policy, 'https://login.acme.test/')).toBeUndefined();
  expect(issuerByUrl(policy, 'https://LOGIN.acme.test')).toBeUndefined();
  expect(personById(policy, 'Alice@acme.test')).toBeUndefined();
  expect(resourceByAudience(policy, 'https://orders-db.acme.test/')).toBeUndefined();
  expect(resourceById(policy, '__proto__')).toBeUndefined();
});

test('a role is found in its resource only', () => {
  const [orders, billing] = policy.resources;
  if (orders === undefined || billing === undefined) throw new Error('the example has two resources');
  expect(roleOf(orders, 'admin')?.scopes).toEqual(['orders:read', 'orders:write']);
  expect(roleOf(billing, 'admin')).toBeUndefined();
});

describe('isInForce', () => {
  const without = (name: typeof GITHUB): Policy =>
    changed(policy, { issuers: policy.issuers.map((one) => (one.name === name ? { ...one, enabled: false } : one)) });

  test('I-18: listed and enabled, a workload with its issuer', () => {
    expect(isInForce(policy, ALICE)).toBe(true);
    expect(isInForce(policy, DEPLOY)).toBe(true);
    expect(isInForce(policy, person('nobody'))).toBe(false);
    expect(isInForce(policy, workload('nothing'))).toBe(false);
    expect(isInForce(without(GITHUB), DEPLOY)).toBe(false);
    expect(isInForce(without(GITHUB), ALICE)).toBe(true);
  });

  test('I-18: a person bound to a disabled issuer is not; one without a binding is', () => {
    expect(isInForce(without(WORKFORCE), ALICE)).toBe(false);
    const { subject: _, ...unbound } = policy.people[0] as NonNullable<(typeof policy.people)[0]>;
    expect(isInForce(changed(without(WORKFORCE), { people: [unbound] }), ALICE)).toBe(true);
  });
});

describe('refersToPerson', () => {
  test('group, person and anyone; never a manager or a workload', () => {
    expect(refersToPerson(policy, group('dba'), DAN.id)).toBe(true);
    expect(refersToPerson(policy, group('dba'), DAVE.id)).toBe(false);
    expect(refersToPerson(policy, { kind: 'person', id: DAN.id }, DAN.id)).toBe(true);
    expect(refersToPerson(policy, { kind: 'person', id: DAN.id }, CAROL.id)).toBe(false);
    expect(refersToPerson(policy, { kind: 'anyone' }, DAVE.id)).toBe(true);
    expect(refersToPerson(policy, { kind: 'anyone' }, person('stranger').id)).toBe(false);
    expect(refersToPerson(policy, { kind: 'manager' }, BOB.id)).toBe(false);
    expect(refersToPerson(policy, { kind: 'workload', id: DEPLOY.id }, person(DEPLOY.id).id)).toBe(false);
  });

  test('I-18: a disabled person is nobody, by whatever reference', () => {
    const without = withPerson(policy, DAN.id, { enabled: false });
    for (const reference of [group('dba'), { kind: 'person', id: DAN.id }, { kind: 'anyone' }] as const) {
      expect(refersToPerson(without, reference, DAN.id)).toBe(false);
    }
  });
});

describe('owners and managers', () => {
  test('owners are the enabled people the references name', () => {
    expect(ownersOf(policy, DEPLOY.id).map((one) => one.id)).toEqual([ALICE.id]);
    expect(ownersOf(withPerson(policy, ALICE.id, { enabled: false }), DEPLOY.id)).toEqual([]);
    expect(owns(policy, ALICE.id, DEPLOY.id)).toBe(true);
    expect(owns(policy, DAVE.id, DEPLOY.id)).toBe(false);
    expect(workloadsOwnedBy(policy, DAVE.id).map((one) => one.id)).toEqual(['reports-nightly']);
    expect(workloadsOwnedBy(allOff, DAVE.id)).toEqual([]);
    expect(ownersOf(policy, workload('nothing').id)).toEqual([]);
  });

  test('two owners with one manager have one manager; a manager who left is nobody', () => {
    const two = withPerson(policy, CAROL.id, { groups: ['payments'], manager: BOB.id });
    expect(managersOf(two, DEPLOY, DEPLOY)).toEqual([BOB]);
    expect(managersOf(withPerson(two, BOB.id, undefined), DEPLOY, DEPLOY)).toEqual([]);
    expect(managersOf(policy, person('stranger'), person('stranger'))).toEqual([]);
  });

  test('for a person the subject’s manager counts, not the requester’s', () => {
    const carolManaged = withPerson(policy, CAROL.id, { manager: DAN.id });
    expect(managersOf(carolManaged, CAROL, ALICE)).toEqual([DAN]);
  });
});
