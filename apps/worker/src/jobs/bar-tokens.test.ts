/** I-18: what a new policy no longer allows is told at once, and once more for what was still on its way. */
import { beforeEach, expect, test } from '@jest/globals';
import { type Policy, type PolicyVersion, parsePolicyVersion } from '@sallyport/core';
import { createLogger } from '@sallyport/platform';
import { makeBarTokensJob } from './bar-tokens.ts';

let nowMs: number;
let inForce: string | undefined;
let runs: number;
let away: boolean;
let look: () => Promise<void>;
beforeEach(() => {
  [nowMs, inForce, runs, away] = [0, undefined, 0, false];
  look = makeBarTokensJob({
    barTokens: async () => {
      if (away) throw new Error('the store is away');
      runs += 1;
      return 1;
    },
    policy: () => (inForce === undefined ? undefined : ({ version: versionOf(inForce) } as Policy)),
    logger: createLogger({ name: 'worker', level: 'silent' }),
    monotonicMs: () => nowMs,
  });
});

function versionOf(letter: string): PolicyVersion {
  const version = parsePolicyVersion(letter.repeat(64));
  if (version === undefined) throw new Error('not a version');
  return version;
}

/** How many runs there were by then, looking every second. */
async function afterSeconds(seconds: number): Promise<number> {
  for (let n = 0; n < seconds; n += 1) {
    await look();
    nowMs += 1_000;
  }
  return runs;
}

test('I-18: without a policy nothing; with one at once, ten seconds later again, and then no more', async () => {
  expect(await afterSeconds(3)).toBe(0);
  inForce = 'a';
  expect(await afterSeconds(1)).toBe(1);
  expect(await afterSeconds(9)).toBe(1);
  expect(await afterSeconds(1)).toBe(2);
  expect(await afterSeconds(60)).toBe(2);
});

test('I-18: each version anew, also one that comes within the ten seconds', async () => {
  inForce = 'a';
  expect(await afterSeconds(2)).toBe(1);
  inForce = 'b';
  expect(await afterSeconds(1)).toBe(2);
  inForce = 'a';
  expect(await afterSeconds(1)).toBe(3);
  expect(await afterSeconds(30)).toBe(4);
});

test('a run that failed is done again at the next look', async () => {
  [inForce, away] = ['a', true];
  await expect(look()).rejects.toThrow('away');
  away = false;
  await look();
  expect(runs).toBe(1);
});
