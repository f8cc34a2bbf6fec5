/** What is remembered of proofs, and that running out of room opens nothing. */
import { expect, test } from '@jest/globals';
import { makeReplayMemory } from './replay-memory.ts';

const proof = (jti: string, iat = 100, jkt = 'key') => ({ jkt, jti, iat });

test('the same id by another key is another proof', () => {
  const memory = makeReplayMemory(60_000, 10);
  expect(memory.firstUse(proof('a'), 100_000)).toBe(true);
  expect(memory.firstUse(proof('a', 100, 'other'), 100_000)).toBe(true);
  expect(memory.firstUse(proof('a'), 100_000)).toBe(false);
});

test('what can no longer be used is forgotten', () => {
  const memory = makeReplayMemory(60_000, 10);
  for (const jti of ['a', 'b', 'c']) memory.firstUse(proof(jti), 100_000);
  memory.firstUse(proof('d', 161), 161_000);
  expect(memory.size).toBe(1);
});

test('when there is no room the oldest is dropped, and still passes no second time', () => {
  const memory = makeReplayMemory(60_000, 3);
  for (const [at, jti] of ['a', 'b', 'c', 'd'].entries())
    expect(memory.firstUse(proof(jti, 100 + at), 105_000)).toBe(true);
  expect(memory.size).toBe(3);
  expect(memory.firstUse(proof('a', 100), 105_000)).toBe(false);
  expect(memory.firstUse(proof('new', 100), 105_000)).toBe(false);
  expect(memory.firstUse(proof('new', 105), 105_000)).toBe(true);
});
