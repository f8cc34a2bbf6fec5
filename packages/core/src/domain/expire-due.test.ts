/** Tests of what time alone does to a case. */
import { expect, test } from '@jest/globals';
import { ALICE, aLiveGrant, aPendingCase, NOON } from '@sallyport/testkit/core';
import { stepOf } from './case.ts';
import { expireDue } from './expire-due.ts';
import { after, hours, instant } from './instant.ts';

test('I-10: a pending request is closed at its end, not a moment before', () => {
  const c = aPendingCase();
  expect(expireDue(c, instant(c.request.expiresAt - 1))).toBe('unchanged');
  expect(expireDue(c, c.request.expiresAt)).toMatchObject({
    next: { version: 2, request: { status: { state: 'expired', at: c.request.expiresAt } } },
    events: [{ type: 'request.expired' }],
  });
});

test('I-5: a grant is closed at its end; its request stays approved', () => {
  const c = aLiveGrant();
  expect(expireDue(c, instant(c.grant.expiresAt - 1))).toBe('unchanged');
  expect(expireDue(c, c.grant.expiresAt)).toMatchObject({
    next: { grant: { status: { state: 'expired' } }, request: { status: { state: 'approved' } } },
    events: [{ type: 'grant.expired' }],
  });
});

test('I-5: what is closed is never closed again', () => {
  const late = after(NOON, hours(100));
  const canceled = stepOf(aPendingCase(), [{ type: 'request.canceled', at: NOON, by: ALICE }]).next;
  const live = aLiveGrant();
  const revoked = stepOf(live, [{ type: 'grant.revoked', at: NOON, by: ALICE }]).next;
  const expired = expireDue(live, late);
  expect(expireDue(canceled, late)).toBe('unchanged');
  expect(expireDue(revoked, late)).toBe('unchanged');
  expect(expired === 'unchanged' ? expired : expireDue(expired.next, late)).toBe('unchanged');
});
