/** Tests of paces: what judge says is kept, each key alone, and no more keys than there is room for. */
import { expect, test } from '@jest/globals';
import { fixedClock, NOON } from '@sallyport/testkit/core';
import { firstPace, nextPoll, type Pace, type Poll } from '../domain/handle.ts';
import { after, seconds } from '../domain/instant.ts';
import { makePaces } from './paces.ts';

const begin = (now: Pace['lastAnswerAt']): Poll => ({ kind: 'in_time', pace: firstPace(now) });

test('P6: a pace begins with the handing out; too soon grows the interval by five seconds for good', () => {
  const clock = fixedClock();
  const paces = makePaces(clock);
  paces.touch('a', (_, now) => begin(now));
  expect(paces.touch('a', nextPoll)).toMatchObject({
    kind: 'too_soon',
    pace: { intervalSeconds: 10, tooSoonInARow: 1 },
  });
  clock.advance(seconds(5));
  expect(paces.touch('a', nextPoll)).toMatchObject({
    kind: 'too_soon',
    pace: { intervalSeconds: 15, tooSoonInARow: 2 },
  });
  clock.advance(seconds(15));
  expect(paces.touch('a', nextPoll)).toMatchObject({
    kind: 'in_time',
    pace: { intervalSeconds: 15, tooSoonInARow: 0 },
  });
});

test('P6: an unknown key has no pace, one key’s pace is not another’s', () => {
  const paces = makePaces(fixedClock());
  const seen: (Pace | undefined)[] = [];
  const look = (pace: Pace | undefined, now: Pace['lastAnswerAt']): Poll => {
    seen.push(pace);
    return begin(now);
  };
  paces.touch('a', look);
  paces.touch('b', look);
  paces.touch('a', look);
  expect(seen).toEqual([undefined, undefined, firstPace(NOON)]);
});

test('the paces that were touched longest ago make room: who loses one is forgiven', () => {
  const clock = fixedClock();
  const paces = makePaces(clock, 2);
  for (const key of ['a', 'b', 'a', 'c']) paces.touch(key, (_, now) => begin(now));
  expect(paces.touch('a', nextPoll).kind).toBe('too_soon');
  expect(paces.touch('b', nextPoll)).toEqual(begin(clock.now()));
  expect(paces.touch('b', nextPoll).pace.lastAnswerAt).toBe(after(NOON, seconds(0)));
});
