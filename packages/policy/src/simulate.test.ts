/** Explanations and simulations say what the core says, in words. */
import { describe, expect, test } from '@jest/globals';
import { type PersonId, person, type ResourceId, type RoleId, workload } from '@sallyport/core';
import { explain, simulate } from './simulate.ts';
import { compiled, EXAMPLE } from './test-support/example.ts';

const { policy } = compiled(EXAMPLE);
const alice = person('alice@acme.test');
const pipeline = workload('payments-deploy');
const ask = (role: string, subject = pipeline, requester = alice) => ({
  subject: subject as typeof pipeline | typeof alice,
  requester: requester as typeof pipeline | typeof alice,
  resource: 'orders-db' as ResourceId,
  role: role as RoleId,
});
const ids = (...names: string[]) => names.map((name) => `${name}@acme.test` as PersonId);

describe('explain', () => {
  test('says who could approve, by line and in all, and counts them', () => {
    const { lines, approvers } = explain(policy, ask('admin'));
    expect(approvers).toEqual(ids('bob', 'dan'));
    expect(lines.slice(0, 5)).toEqual([
      'workload:payments-deploy as admin of orders-db (Orders database (production)), asked by person:alice@acme.test',
      'needs approval by rule payments-admin, within 4h, for at most 1h',
      '  1. 1 from group:dba: 1 person: Dan Dorn (dan@acme.test)',
      '  2. 1 from manager: 1 person: Bob Baker (bob@acme.test)',
      'could decide: 2 people: Bob Baker (bob@acme.test), Dan Dorn (dan@acme.test)',
    ]);
  });

  test('says why not', () => {
    const { lines, verdict } = explain(policy, ask('read'));
    expect(verdict.kind).toBe('forbidden');
    expect(lines).toContain('forbidden: no rule allows this');
    expect(lines.some((line) => line.trim() === 'no   `who` includes the subject: workload:payments-deploy')).toBe(
      true,
    );
  });

  test('says that nobody could approve', () => {
    const lonely = compiled(EXAMPLE.replace('groups: [dba]', 'groups: []')).policy;
    const { lines } = explain(lonely, ask('admin'));
    expect(lines[1]).toMatch(/^nobody could approve this/);
    expect(lines[2]).toBe('  1. 1 from group:dba: nobody');
  });

  test('names at most twenty people and counts the rest', () => {
    const many = Array.from({ length: 70 }, (_, n) => `  - { id: dba${n}, groups: [dba] }`).join('\n');
    const { lines, approvers } = explain(
      compiled(EXAMPLE.replace('workloads:', `${many}\nworkloads:`)).policy,
      ask('admin'),
    );
    expect(approvers).toHaveLength(72);
    expect(lines.find((line) => line.startsWith('could decide: 72 people'))).toMatch(/, 52 more$/);
  });
});

describe('simulate', () => {
  test.each([
    [['bob'], 'pending'],
    [['bob', 'dan'], 'approved'],
    [['dan', 'bob'], 'approved'],
    [['dan', 'dan'], 'pending'],
    [['alice', 'dan'], 'pending'],
    [['dan', 'mallory'], 'pending'],
    [[], 'pending'],
  ] as const)('I-3: after %j it is %s', (names, outcome) => {
    expect(simulate(policy, ask('admin'), ids(...names)).outcome).toBe(outcome);
  });

  test('says why a voice does not count', () => {
    const { lines } = simulate(policy, ask('admin'), ids('alice', 'mallory', 'dan'));
    expect(lines.slice(-4)).toEqual([
      'Alice Ahn (alice@acme.test) does not count: it is their own request',
      'mallory@acme.test does not count: not in the policy, or disabled',
      'Dan Dorn (dan@acme.test) could fill line 1',
      'outcome: pending, 1 of 2',
    ]);
  });

  test('nobody is asked where no rule, or an automatic one, decides', () => {
    expect(simulate(policy, ask('read'), ids('bob')).outcome).toBe('forbidden');
    const own = { ...ask('read'), subject: alice };
    expect(simulate(policy, own, ids('bob')).outcome).toBe('auto_approved');
  });
});
