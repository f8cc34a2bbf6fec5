/** Tests of Grant: live by the clock alone, over for ever once over. */
import { expect, test } from '@jest/globals';
import { aLiveGrant, BOB, instants, NOON } from '@sallyport/testkit/core';
import fc from 'fast-check';
import { type Grant, grantStateAt, isLive, startsLater } from './grant.ts';
import { after, duration, instant, minutes, seconds } from './instant.ts';

const { grant } = aLiveGrant();
const shifted: Grant = { ...grant, notBefore: after(grant.notBefore, minutes(5)) };

test('I-2: live from its beginning to just before its end, though no job has run', () => {
  expect(isLive(grant, grant.notBefore)).toBe(true);
  expect(isLive(grant, instant(grant.expiresAt - 1))).toBe(true);
  expect(isLive(grant, grant.expiresAt)).toBe(false);
  expect(grantStateAt(grant, grant.expiresAt)).toBe('expired');
  expect(isLive(grant, instant(grant.notBefore - 1))).toBe(false);
});

test('a beginning that lies ahead is active and not live', () => {
  expect(grantStateAt(shifted, NOON)).toBe('active');
  expect([isLive(shifted, NOON), startsLater(shifted, NOON)]).toEqual([false, true]);
  expect([isLive(shifted, shifted.notBefore), startsLater(shifted, shifted.notBefore)]).toEqual([true, false]);
});

test('I-5: revoked and expired are final at any time', () => {
  for (const status of [
    { state: 'revoked' as const, at: NOON, by: BOB },
    { state: 'expired' as const, at: NOON },
  ]) {
    for (const now of [instant(0), NOON, after(NOON, seconds(1)), after(NOON, minutes(500))]) {
      expect(grantStateAt({ ...grant, status }, now)).toBe(status.state);
      expect(isLive({ ...grant, status }, now)).toBe(false);
      expect(startsLater({ ...grant, status }, now)).toBe(false);
    }
  }
});

test('I-22: once begun, not live once means not live ever after', () => {
  fc.assert(
    fc.property(instants, fc.integer({ min: 0, max: 86_400_000 }), (now, ms) => {
      const later = after(now, duration(ms));
      const begun = now >= grant.notBefore;
      expect(isLive(grant, later) && begun && !isLive(grant, now)).toBe(false);
    }),
  );
});
