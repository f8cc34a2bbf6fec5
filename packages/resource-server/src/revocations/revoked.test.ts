/** What is remembered of revocations, for how long, and what happens when there is no room. */
import { expect, test } from '@jest/globals';
import { makeRevoked } from './revoked.ts';

const LIFE_MS = 3_600_000;
const token = (id: string, endsAt: number) => ({ what: 'token', id, endsAt }) as const;
const asks = (jti: string, grantId = 'grt_x') => ({ jti, grantId });

test('a token and a grant are told apart, also with one and the same id', () => {
  const revoked = makeRevoked(10, LIFE_MS);
  revoked.add(token('x', 100), 0);
  expect(revoked.has(asks('x'))).toBe(true);
  expect(revoked.has(asks('y', 'x'))).toBe(false);
  revoked.add({ what: 'grant', id: 'x', endsAt: 100 }, 0);
  expect(revoked.has(asks('y', 'x'))).toBe(true);
});

test('an entry is forgotten after its end, and two minutes later, for clocks that are set back', () => {
  const revoked = makeRevoked(10, LIFE_MS);
  revoked.add(token('x', 100), 0);
  revoked.add(token('later', 9_999), 219_000);
  expect(revoked.has(asks('x'))).toBe(true);
  revoked.add(token('later still', 9_999), 290_000);
  expect(revoked.has(asks('x'))).toBe(false);
});

test('an end in the far future is remembered no longer than a token can live', () => {
  const revoked = makeRevoked(10, LIFE_MS);
  revoked.add(token('x', 4_102_444_800), 0);
  revoked.add(token('y', 4_102_444_800), LIFE_MS + 130_000);
  expect(revoked.size).toBe(1);
});

test('what finds no room is a doubt until it no longer matters; what was known stays known', () => {
  const revoked = makeRevoked(2, LIFE_MS);
  for (const id of ['a', 'b', 'c']) revoked.add(token(id, 100), 0);
  expect(revoked.size).toBe(2);
  expect(revoked.has(asks('a'))).toBe(true);
  expect(revoked.isComplete(0)).toBe(false);
  expect(revoked.isComplete(219_999)).toBe(false);
  expect(revoked.isComplete(220_000)).toBe(true);
});

test('when what filled it is over there is room again', () => {
  const revoked = makeRevoked(2, LIFE_MS);
  for (const id of ['a', 'b']) revoked.add(token(id, 100), 0);
  revoked.add(token('c', 1_000), 230_000);
  expect([revoked.has(asks('c')), revoked.isComplete(230_000), revoked.size]).toEqual([true, true, 1]);
});
