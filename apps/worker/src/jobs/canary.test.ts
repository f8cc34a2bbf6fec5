/** Reliability: a worker that hears nothing ends itself, but not while the queue itself is away. */
import { describe, expect, test } from '@jest/globals';
import { createLogger, createMetrics } from '@sallyport/platform';
import { makeCanary } from './canary.ts';

function aCanary() {
  let nowMs = 0;
  let gaveUp = 0;
  const logger = createLogger({ name: 'worker', level: 'silent' });
  const canary = makeCanary(
    () => {
      gaveUp += 1;
    },
    createMetrics({ processMetrics: false }),
    logger,
    () => nowMs,
  );
  return {
    canary,
    gaveUp: () => gaveUp,
    wait: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('the canary', () => {
  test('gives up after 30 s of silence while the queue answers', async () => {
    const { canary, gaveUp, wait } = aCanary();
    canary.look(true);
    wait(29_999);
    canary.look(true);
    expect([gaveUp(), await canary.check()]).toEqual([0, true]);
    wait(1);
    canary.look(true);
    expect([gaveUp(), await canary.check()]).toEqual([1, 'no canary job for 30 s']);
  });

  test('a canary heard starts the count again', () => {
    const { canary, gaveUp, wait } = aCanary();
    canary.look(true);
    wait(20_000);
    canary.heard();
    wait(20_000);
    canary.look(true);
    expect(gaveUp()).toBe(0);
  });

  test('silence counts only from when the queue answers again', () => {
    const { canary, gaveUp, wait } = aCanary();
    wait(120_000);
    canary.look(false);
    wait(120_000);
    canary.look(true);
    wait(29_000);
    canary.look(true);
    expect(gaveUp()).toBe(0);
    wait(1_000);
    canary.look(true);
    expect(gaveUp()).toBe(1);
  });
});
