/** Tests of how a grant begins and how it is revoked. */
import { describe, expect, test } from '@jest/globals';
import {
  ALICE,
  aLiveGrant,
  aPendingCase,
  aPendingRequest,
  aPolicy,
  BOB,
  NOON,
  seededChance,
} from '@sallyport/testkit/core';
import { decideGrant, startGrant } from './decide-grant.ts';
import { after, hours, type Instant, instant, minutes, seconds, wholeSecond } from './instant.ts';

const policy = aPolicy();
const id = seededChance('grants').grantId();
const at = (now: Instant) => ({ now, policy });
const live = aLiveGrant();

describe('startGrant', () => {
  test('I-2: from the second of the approval, for what the revision asked', () => {
    const grant = startGrant(id, aPendingRequest(), { maxDuration: hours(1) }, NOON);
    expect(grant.notBefore).toBe(wholeSecond(NOON));
    expect(grant.expiresAt).toBe(after(wholeSecond(NOON), minutes(30)));
  });

  test('I-2: at most what the role allows now', () => {
    const grant = startGrant(id, aPendingRequest({ duration: hours(2) }), { maxDuration: minutes(20) }, NOON);
    expect(grant.expiresAt - grant.notBefore).toBe(minutes(20));
  });

  test('I-2: from `not_before` if that is later, from the approval if that is', () => {
    const notBefore = wholeSecond(after(NOON, hours(2)));
    const ahead = startGrant(id, aPendingRequest({ notBefore }), { maxDuration: hours(1) }, NOON);
    expect([ahead.notBefore, ahead.expiresAt]).toEqual([notBefore, after(notBefore, minutes(30))]);
    const late = startGrant(
      id,
      aPendingRequest({ notBefore }),
      { maxDuration: hours(1) },
      after(notBefore, seconds(90)),
    );
    expect(late.notBefore).toBe(after(notBefore, seconds(90)));
  });

  test('I-1: subject, access, rule and digest are the request’s', () => {
    const request = aPendingRequest();
    expect(startGrant(id, request, { maxDuration: hours(1) }, NOON)).toMatchObject({
      id,
      requestId: request.id,
      subject: request.subject,
      access: request.access,
      ruleId: request.ruleId,
      digest: request.digest,
      status: { state: 'active' },
    });
  });
});

describe('revoke', () => {
  test('I-9: an active grant ends now, by whoever revoked, and a step says so', () => {
    const now = after(NOON, minutes(1));
    const result = decideGrant(live, { kind: 'revoke', by: ALICE }, at(now));
    expect(result).toMatchObject({
      ok: true,
      value: {
        next: { version: live.version + 1, grant: { status: { state: 'revoked', at: now, by: ALICE } } },
        events: [{ type: 'grant.revoked', at: now, by: ALICE }],
      },
    });
  });

  test('I-11: again changes nothing, also by somebody else and after its time', () => {
    const revoked = decideGrant(live, { kind: 'revoke', by: ALICE }, at(NOON));
    if (!revoked.ok || revoked.value === 'unchanged') throw new Error('not revoked');
    for (const now of [NOON, after(NOON, hours(9))]) {
      expect(decideGrant(revoked.value.next, { kind: 'revoke', by: BOB }, at(now))).toEqual({
        ok: true,
        value: 'unchanged',
      });
    }
  });

  test('I-5: one whose time is over is told so, swept or not', () => {
    const over = { ok: false, error: { code: 'grant_ended', how: 'over' } };
    const end = live.grant.expiresAt;
    expect(decideGrant(live, { kind: 'revoke', by: ALICE }, at(end))).toEqual(over);
    const swept = { ...live, grant: { ...live.grant, status: { state: 'expired' as const, at: end } } };
    expect(decideGrant(swept, { kind: 'revoke', by: ALICE }, at(end))).toEqual(over);
    expect(decideGrant(live, { kind: 'revoke', by: ALICE }, at(instant(end - 1)))).toMatchObject({ ok: true });
  });

  test('I-9: one that has not begun can be revoked before it does', () => {
    const ahead = aLiveGrant({ notBefore: wholeSecond(after(NOON, hours(2))) });
    expect(decideGrant(ahead, { kind: 'revoke', by: ALICE }, at(NOON))).toMatchObject({ ok: true });
  });

  test('a pending request has nothing to revoke', () => {
    expect(decideGrant(aPendingCase(), { kind: 'revoke', by: ALICE }, at(NOON))).toEqual({
      ok: false,
      error: { code: 'request_unknown' },
    });
  });
});
