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
  withPerson,
} from '@sallyport/testkit/core';
import { person, workload } from './principal.ts';
import { mayRead } from './visibility.ts';

const policy = aPolicy();
const c = aPendingCase();

test('the requester, the subject, its owners and the approvers see it', () => {
  for (const reader of [ALICE, DEPLOY, BOB, CAROL, DAN]) expect(mayRead(policy, c, reader)).toBe(true);
  expect(mayRead(policy, aPendingCase({ requester: DEPLOY }), ALICE)).toBe(true);
  expect(mayRead(policy, aLiveGrant(), DAN)).toBe(true);
});

test('to everybody else it does not exist', () => {
  for (const reader of [DAVE, person('stranger'), workload('reports-nightly'), workload('stranger')]) {
    expect(mayRead(policy, c, reader)).toBe(false);
  }
  expect(mayRead(policy, c, workload(BOB.id))).toBe(false);
});

test('I-18: who lost the group, or was disabled, no longer sees it', () => {
  expect(mayRead(withPerson(policy, DAN.id, { groups: [] }), c, DAN)).toBe(false);
  expect(mayRead(withPerson(policy, DAN.id, { enabled: false }), c, DAN)).toBe(false);
  expect(mayRead(withPerson(policy, ALICE.id, { groups: [] }), aPendingCase({ requester: DEPLOY }), ALICE)).toBe(false);
});

test('nobody approves an auto-approved grant, so no approver sees it', () => {
  const auto = aPendingCase({ subject: ALICE, requester: ALICE, effect: 'auto_approve', lines: [] });
  expect(mayRead(policy, auto, ALICE)).toBe(true);
  expect(mayRead(policy, auto, DAN)).toBe(false);
  expect(mayRead(policy, auto, BOB)).toBe(false);
});
