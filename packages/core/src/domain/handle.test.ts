/** Tests of handles: how long they live, and how often one may ask. */
import { describe, expect, test } from '@jest/globals';
import { aPendingRequest, CI, DEPLOY, NOON, ORDERS_READ, sha256Hashing } from '@sallyport/testkit/core';
import fc from 'fast-check';
import { firstPace, type Handle, handleEnd, handleSecondsLeft, isHandleAlive, nextPoll, type Pace } from './handle.ts';
import { after, duration, hours, minutes, seconds } from './instant.ts';

const request = aPendingRequest();
const handle: Handle = {
  id: sha256Hashing.handleIdOf('h'),
  kind: 'deferral_code',
  clientId: CI,
  subject: DEPLOY,
  requestId: request.id,
  madeRequest: true,
  scopes: [ORDERS_READ],
  uses: [],
  issuedAt: NOON,
  expiresAt: after(NOON, hours(1)),
  revoked: false,
};

describe('life', () => {
  test('P1: as long as the pending time; a keyless client’s at most one hour', () => {
    expect(handleEnd({ request }, false, NOON)).toBe(request.expiresAt);
    expect(handleEnd({ request }, true, NOON)).toBe(after(NOON, hours(1)));
    expect(handleEnd({ request }, true, after(NOON, minutes(210)))).toBe(request.expiresAt);
  });

  test('a grant that begins after the pending time can still be collected', () => {
    const later = aPendingRequest({ notBefore: after(NOON, hours(6)) });
    expect(handleEnd({ request: later }, false, NOON)).toBe(after(NOON, duration(6 * 3_600_000 + 60_000)));
    expect(handleEnd({ request: later }, true, NOON)).toBe(after(NOON, hours(1)));
  });

  test('P9: it ends exactly at its end; once approved it can be collected 60 s more', () => {
    const end = handle.expiresAt;
    expect(isHandleAlive(handle, undefined, after(NOON, duration(end - NOON - 1)))).toBe(true);
    expect(isHandleAlive(handle, undefined, end)).toBe(false);
    expect(isHandleAlive(handle, end, after(end, seconds(1)))).toBe(false);
    expect(isHandleAlive(handle, NOON, after(end, duration(59_999)))).toBe(true);
    expect(isHandleAlive(handle, NOON, after(end, seconds(60)))).toBe(false);
  });

  test('expires_in is whole seconds, never negative', () => {
    expect(handleSecondsLeft(handle, NOON)).toBe(3_600);
    expect(handleSecondsLeft(handle, after(NOON, duration(1)))).toBe(3_599);
    expect(handleSecondsLeft(handle, after(NOON, hours(2)))).toBe(0);
  });
});

describe('pace', () => {
  test('P6: after 1 s slow_down with 10, after 5 s more slow_down with 15, after 15 s more in time', () => {
    const first = nextPoll(firstPace(NOON), after(NOON, seconds(1)));
    expect(first).toMatchObject({ kind: 'too_soon', pace: { intervalSeconds: 10 } });
    const second = nextPoll(first.pace, after(NOON, seconds(6)));
    expect(second).toMatchObject({ kind: 'too_soon', pace: { intervalSeconds: 15 } });
    expect(nextPoll(second.pace, after(NOON, seconds(21)))).toMatchObject({
      kind: 'in_time',
      pace: { intervalSeconds: 15, tooSoonInARow: 0 },
    });
  });

  test('half a second of grace, no more', () => {
    expect(nextPoll(firstPace(NOON), after(NOON, duration(4_500))).kind).toBe('in_time');
    expect(nextPoll(firstPace(NOON), after(NOON, duration(4_499))).kind).toBe('too_soon');
  });

  test('ten too soon are forgiven, the eleventh burns', () => {
    let pace: Pace | undefined = firstPace(NOON);
    const kinds = Array.from({ length: 11 }, () => {
      const poll = nextPoll(pace, NOON);
      pace = poll.pace;
      return poll.kind;
    });
    expect(kinds).toEqual([...Array.from({ length: 10 }, () => 'too_soon'), 'burned']);
  });

  test('nobody known yet is in time', () => {
    expect(nextPoll(undefined, NOON)).toEqual({ kind: 'in_time', pace: firstPace(NOON) });
  });

  test('the interval never shrinks, and grows by 5 s for each poll too soon', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 20 }), (waits) => {
        let pace = firstPace(NOON);
        let now = NOON;
        for (const wait of waits) {
          now = after(now, duration(wait));
          const poll = nextPoll(pace, now);
          const early = wait < pace.intervalSeconds * 1_000 - 500;
          expect(poll.kind === 'in_time').toBe(!early);
          expect(poll.pace.intervalSeconds).toBe(pace.intervalSeconds + (early ? 5 : 0));
          expect(poll.pace.lastAnswerAt).toBe(now);
          pace = poll.pace;
        }
      }),
    );
  });
});
