/** Tests of visibility: requester, subject, owners and those who may decide; nobody else. */
import { expect, test } from '@jest/globals';
import {
  ALICE,
  aLiveGrant,
  aPendingCase,
  aPolicy,
  BOB,
  CAROL,
  DAN,
  DAVE,
  DEPLOY,
  NOON,
  withPerson,
} from '@sallyport/testkit/core';
import type { Policy } from './policy.ts';
import { person, workload } from './principal.ts';
import { mayRead } from './visibility.ts';

const policy = aPolicy();
const at = (inForce: Policy) => ({ policy: inForce, now: NOON });
const c = aPendingCase();

test('the requester, the subject, its owners and the approvers see it', () => {
  for (const reader of [ALICE, DEPLOY, BOB, CAROL, DAN]) expect(mayRead(at(policy), c, reader)).toBe(true);
  expect(mayRead(at(policy), aPendingCase({ requester: DEPLOY }), ALICE)).toBe(true);
  expect(mayRead(at(policy), aLiveGrant(), DAN)).toBe(true);
});

test('to everybody else it does not exist', () => {
  for (const reader of [DAVE, person('stranger'), workload('reports-nightly'), workload('stranger')]) {
    expect(mayRead(at(policy), c, reader)).toBe(false);
  }
  expect(mayRead(at(policy), c, workload(BOB.id))).toBe(false);
});

test('I-18: who lost the group, or was disabled, no longer sees it', () => {
  expect(mayRead(at(withPerson(policy, DAN.id, { groups: [] })), c, DAN)).toBe(false);
  expect(mayRead(at(withPerson(policy, DAN.id, { enabled: false })), c, DAN)).toBe(false);
  expect(mayRead(at(withPerson(policy, ALICE.id, { groups: [] })), aPendingCase({ requester: DEPLOY }), ALICE)).toBe(
    false,
  );
});

test('nobody approves an auto-approved grant, so no approver sees it', () => {
  const auto = aPendingCase({ subject: ALICE, requester: ALICE, effect: 'auto_approve', lines: [] });
  expect(mayRead(at(policy), auto, ALICE)).toBe(true);
  expect(mayRead(at(policy), auto, DAN)).toBe(false);
  expect(mayRead(at(policy), auto, BOB)).toBe(false);
});
