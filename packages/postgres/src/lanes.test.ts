/** Shows the lanes' arithmetic: numbers used up by acknowledged commits only, and a lane in doubt named by the next. */
import { describe, expect, test } from '@jest/globals';
import { cursorOf, makeLanes } from './lanes.ts';

describe('lanes', () => {
  test('a rollback gives its numbers back', () => {
    const lane = makeLanes('broker').take();
    const first = cursorOf(lane);
    expect([first.next().counter, first.next().counter]).toEqual([1, 2]);
    first.acknowledge();
    const lost = cursorOf(lane);
    expect(lost.next().counter).toBe(3);
    expect(cursorOf(lane).next().counter).toBe(3);
  });

  test('a connection that ended in peace leaves its lane to another', () => {
    const lanes = makeLanes('broker');
    const lane = lanes.take();
    const cursor = cursorOf(lane);
    cursor.next();
    cursor.acknowledge();
    lanes.giveBack(lane);
    expect(cursorOf(lanes.take()).next()).toEqual({ counter: 2 });
  });

  test('a lane in doubt ends; the next new one names its last sure number, until that row is committed', () => {
    const lanes = makeLanes('broker');
    const [doubted, free] = [lanes.take(), lanes.take()];
    const cursor = cursorOf(doubted);
    cursor.next();
    cursor.acknowledge();
    cursorOf(doubted).next();
    lanes.giveBack(free);
    lanes.end(doubted);
    const next = lanes.take();
    expect(next.id).not.toBe(free.id);
    const follows = { lane: doubted.id, counter: 1 };
    expect(cursorOf(next).next()).toEqual({ counter: 1, follows });
    const kept = cursorOf(next);
    expect(kept.next()).toEqual({ counter: 1, follows });
    expect(kept.next()).toEqual({ counter: 2 });
    expect(lanes.take()).toBe(free);
  });

  test('two programs of one name never share a lane', () => {
    expect(makeLanes('broker').take().id).not.toBe(makeLanes('broker').take().id);
  });
});
