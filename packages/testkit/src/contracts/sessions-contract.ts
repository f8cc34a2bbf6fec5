/** The contract of sessions: what was ended stays ended, and nothing else is. */
import { describe, expect, test } from '@jest/globals';
import { after, instant, minutes } from '@sallyport/core';
import { useStore } from './kit.ts';
import type { MakeStoreWorld } from './store-world.ts';

/** Declares the tests of `Sessions` for a store. */
export function sessionsContract(name: string, make: MakeStoreWorld): void {
  describe(`${name} keeps the contract of sessions`, () => {
    const kit = useStore(make);
    const until = after(instant(Date.now()), minutes(30));

    test('I-9: an ended session is ended for good; again is harmless; others go on', async () => {
      const [one, other] = [kit.chance.handle(), kit.chance.handle()];
      const { sessions } = kit.world();
      expect(await sessions.isEnded(one)).toBe(false);
      await sessions.end(one, until);
      await sessions.end(one, until);
      expect(await sessions.isEnded(one)).toBe(true);
      expect(await sessions.isEnded(other)).toBe(false);
    });
  });
}
