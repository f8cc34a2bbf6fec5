/** Tests of AccessRequest: its states by the clock, and the text a decision binds to. */
import { describe, expect, test } from '@jest/globals';
import { ALICE, aPendingRequest, BOB, NOON, ORDERS_READ } from '@sallyport/testkit/core';
import { after, duration, hours, instant, minutes } from './instant.ts';
import { type AccessRequest, canonicalAsk, closingOf, requestStateAt } from './request.ts';

const request = aPendingRequest();
const end = request.expiresAt;

describe('the state now', () => {
  test('I-10: pending until its end, expired from it on, though nobody wrote it down', () => {
    expect(requestStateAt(request, instant(end - 1))).toBe('pending');
    expect(requestStateAt(request, end)).toBe('expired');
    expect(closingOf(request, instant(end - 1))).toBeUndefined();
    expect(closingOf(request, end)).toEqual({ state: 'expired', at: end });
  });

  test('I-5: a final state stays, whatever the clock says', () => {
    const denied: AccessRequest = { ...request, status: { state: 'denied', at: NOON, by: BOB.id, reason: 'no' } };
    for (const now of [NOON, end, after(end, hours(100))]) {
      expect(requestStateAt(denied, now)).toBe('denied');
      expect(closingOf(denied, now)).toEqual({ state: 'denied', at: NOON, by: BOB });
    }
  });

  test('each end names who brought it about', () => {
    const at = after(NOON, minutes(1));
    const closing = (status: AccessRequest['status']) => closingOf({ ...request, status }, at);
    expect(closing({ state: 'approved', at, by: BOB.id })).toEqual({ state: 'approved', at, by: BOB });
    expect(closing({ state: 'approved', at })).toEqual({ state: 'approved', at });
    expect(closing({ state: 'canceled', at, by: ALICE })).toEqual({ state: 'canceled', at, by: ALICE });
    expect(closing({ state: 'expired', at })).toEqual({ state: 'expired', at });
  });
});

describe('canonicalAsk', () => {
  test('I-4: whatever an approver is shown changes the text', () => {
    const changes: Partial<AccessRequest>[] = [
      { id: aPendingRequest().id },
      { revision: 2 },
      { subject: ALICE },
      { requester: BOB },
      { access: { ...request.access, scopes: [ORDERS_READ] } },
      { access: { ...request.access, role: 'read' as AccessRequest['access']['role'] } },
      { access: { ...request.access, resource: 'x' as AccessRequest['access']['resource'] } },
      { access: { ...request.access, audience: 'https://x' } },
      { duration: duration(request.duration + 1_000) },
      { notBefore: NOON },
      { justification: `${request.justification} ` },
      { ticket: 'OPS-1' },
    ];
    const texts = [request, ...changes.map((change) => ({ ...request, ...change }))].map(canonicalAsk);
    expect(new Set(texts).size).toBe(texts.length);
  });

  test('I-4: text cannot move from one member to the next', () => {
    const a = canonicalAsk({ ...request, justification: 'a","b', ticket: 'c' });
    const b = canonicalAsk({ ...request, justification: 'a', ticket: 'b","c' });
    expect(a).not.toBe(b);
  });

  test('the state, the door and the lines are no part of what is asked', () => {
    const other: AccessRequest = { ...request, lines: [], door: 'rest', status: { state: 'expired', at: NOON } };
    expect(canonicalAsk(other)).toBe(canonicalAsk(request));
  });
});
