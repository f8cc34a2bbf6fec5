/** Tests of the quorum: who may fill which line, by the example world. */
import { describe, expect, test } from '@jest/globals';
import {
  ADMIN_LINES,
  ALICE,
  aPolicy,
  BOB,
  CAROL,
  DAN,
  DAVE,
  DEPLOY,
  group,
  theManager,
  withPerson,
} from '@sallyport/testkit/core';
import { person } from './principal.ts';
import { approversOf, candidates, eligibleLines, isOwn, satisfiable, seating, tally } from './quorum.ts';

const policy = aPolicy();
const forDeploy = { subject: DEPLOY, requester: ALICE };
const forAlice = { subject: ALICE, requester: ALICE };

describe('who may decide', () => {
  test('I-3: the requester and the subject never count', () => {
    const lines = [{ count: 1, from: [{ kind: 'anyone' as const }] }];
    expect(isOwn(forDeploy, ALICE.id)).toBe(true);
    expect(eligibleLines(policy, forDeploy, lines, ALICE.id)).toEqual([]);
    expect(eligibleLines(policy, { subject: DAN, requester: BOB }, lines, DAN.id)).toEqual([]);
    expect(eligibleLines(policy, { subject: DAN, requester: BOB }, lines, BOB.id)).toEqual([]);
  });

  test('I-3: a person with the id of the asking workload is somebody else', () => {
    expect(isOwn({ subject: DEPLOY, requester: DEPLOY }, person(DEPLOY.id).id)).toBe(false);
  });

  test('the manager of a workload’s request is the requester’s; of a workload that asked itself, any owner’s', () => {
    const line = { count: 1, from: [theManager] };
    expect(candidates(policy, forDeploy, line)).toEqual([BOB.id]);
    expect(candidates(policy, { subject: DEPLOY, requester: DEPLOY }, line)).toEqual([BOB.id]);
    expect(candidates(policy, forAlice, line)).toEqual([BOB.id]);
    expect(candidates(policy, { subject: BOB, requester: BOB }, line)).toEqual([]);
  });

  test('I-3: an owner who manages is still no approver of what they asked for', () => {
    const bobOwns = withPerson(policy, BOB.id, { groups: ['payments'] });
    const asking = { subject: DEPLOY, requester: BOB };
    expect(candidates(bobOwns, asking, { count: 1, from: [theManager] })).toEqual([]);
    const selfManaged = withPerson(policy, ALICE.id, { manager: ALICE.id });
    expect(candidates(selfManaged, forDeploy, { count: 1, from: [theManager] })).toEqual([]);
  });

  test('I-18: a disabled or removed person fills nothing, also as manager', () => {
    for (const change of [{ enabled: false }, undefined]) {
      const without = withPerson(withPerson(policy, DAN.id, change), BOB.id, change);
      expect(approversOf(without, forDeploy, ADMIN_LINES)).toEqual([CAROL.id]);
      expect(candidates(without, forDeploy, { count: 1, from: [{ kind: 'person', id: DAN.id }] })).not.toContain(
        DAN.id,
      );
      expect(candidates(without, forDeploy, { count: 1, from: [theManager] })).not.toContain(BOB.id);
    }
  });

  test('an outsider fills nothing; everybody who can is listed once', () => {
    expect(eligibleLines(policy, forDeploy, ADMIN_LINES, DAVE.id)).toEqual([]);
    expect(approversOf(policy, forDeploy, ADMIN_LINES)).toEqual([BOB.id, CAROL.id, DAN.id]);
    const both = withPerson(policy, BOB.id, { groups: ['dba'] });
    expect(approversOf(both, forDeploy, ADMIN_LINES)).toEqual([BOB.id, CAROL.id, DAN.id]);
    expect(eligibleLines(both, forDeploy, ADMIN_LINES, BOB.id)).toEqual([0, 1]);
  });

  test('a workload reference and an empty list are nobody', () => {
    const lines = [
      { count: 1, from: [] },
      { count: 1, from: [{ kind: 'workload' as const, id: DEPLOY.id }] },
    ];
    expect(approversOf(policy, forAlice, lines)).toEqual([]);
    expect(satisfiable(policy, forAlice, lines)).toBe(false);
  });
});

describe('tally', () => {
  test('I-3: one person who fits two lines fills one place', () => {
    const both = [{ person: BOB.id, lines: [0, 1] }];
    expect(tally(ADMIN_LINES, both)).toEqual({ required: 2, given: 1, met: false, open: [0, 1] });
  });

  test('I-3: whoever fits both lines moves over when somebody fits one only', () => {
    const approvals = [
      { person: BOB.id, lines: [0, 1] },
      { person: DAN.id, lines: [0] },
    ];
    expect(tally(ADMIN_LINES, approvals).met).toBe(true);
    expect(tally(ADMIN_LINES, [...approvals].reverse()).met).toBe(true);
  });

  test('I-3: the same person twice is one', () => {
    const lines = [{ count: 2, from: [group('dba')] }];
    const twice = [
      { person: DAN.id, lines: [0] },
      { person: DAN.id, lines: [0] },
    ];
    expect(tally(lines, twice)).toMatchObject({ given: 1, met: false, open: [1] });
  });

  test('I-3: no lines are never met', () => {
    expect(tally([], [{ person: DAN.id, lines: [0] }])).toEqual({ required: 0, given: 0, met: false, open: [] });
  });

  test('more approvals than places are not counted', () => {
    const lines = [{ count: 1, from: [group('dba')] }];
    const two = [
      { person: DAN.id, lines: [0] },
      { person: CAROL.id, lines: [0] },
    ];
    expect(tally(lines, two)).toEqual({ required: 1, given: 1, met: true, open: [0] });
  });
});

test('who fills which line: the one who fits both moves to where they are needed', () => {
  const lines = [
    { count: 1, from: [group('dba')] },
    { count: 1, from: [theManager] },
  ];
  const bobFitsBoth = { person: BOB.id, lines: [0, 1] };
  expect(seating(lines, [bobFitsBoth])).toEqual([[BOB.id], []]);
  expect(seating(lines, [bobFitsBoth, { person: DAN.id, lines: [0] }])).toEqual([[DAN.id], [BOB.id]]);
  expect(seating(lines, [])).toEqual([[], []]);
});
