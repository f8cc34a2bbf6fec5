/** The turns of a channel: in order, each asked about once, whatever another process takes. */
import { describe, expect, test } from '@jest/globals';
import { makeTurns } from './turns.ts';

/** A channel whose seconds are counted by a clock that the test moves. */
function aChannel() {
  let now = 0;
  let free = 0;
  let asked = 0;
  const slot = async (): Promise<number> => {
    asked += 1;
    if (free > now) return free - now;
    free = now + 1_000;
    return 0;
  };
  const turns = makeTurns({ slot }, { slotMs: 1_000, monotonicMs: () => now });
  return {
    take: (key: string) => turns.take('C1', key),
    at: (ms: number) => {
      now = ms;
    },
    takenByAnother: () => {
      free = now + 1_000;
    },
    asked: () => asked,
  };
}

describe('turns in a channel', () => {
  test('many at once: each gets its own second, in the order they came, and asks the store only then', async () => {
    const channel = aChannel();
    const keys = Array.from({ length: 50 }, (_, index) => `card:${index}`);
    const waits: number[] = [];
    for (const key of keys) waits.push(await channel.take(key));
    expect(waits.slice(0, 3)).toEqual([0, 1_000, 2_000]);
    const before = channel.asked();
    expect(before).toBe(2);
    for (const [index, key] of keys.slice(1).entries()) {
      channel.at((index + 1) * 1_000);
      expect(await channel.take(key)).toBe(0);
    }
    expect(channel.asked() - before).toBe(49);
  });

  test('who asks before their turn is told how long, and keeps the place', async () => {
    const channel = aChannel();
    for (const key of ['a', 'b', 'c']) await channel.take(key);
    channel.at(500);
    expect(await channel.take('c')).toBe(1_500);
    expect(await channel.take('b')).toBe(500);
    expect(await channel.take('c')).toBe(1_500);
  });

  test('another process took the second: this one and all behind it move back, nobody is passed', async () => {
    const channel = aChannel();
    for (const key of ['a', 'b', 'c']) await channel.take(key);
    channel.at(1_000);
    channel.takenByAnother();
    expect(await channel.take('b')).toBe(1_000);
    channel.at(2_000);
    expect(await channel.take('c')).toBe(1_000);
    expect(await channel.take('b')).toBe(0);
    channel.at(3_000);
    expect(await channel.take('c')).toBe(0);
  });

  test('who does not come loses the place', async () => {
    const channel = aChannel();
    for (const key of ['a', 'b']) await channel.take(key);
    channel.at(30_000);
    expect(await channel.take('d')).toBe(0);
  });
});
