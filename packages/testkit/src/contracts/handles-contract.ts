/** The contract of handles and their pace: kept whole, found with their case, ended for good, judged one poll at a time. */
import { describe, expect, test } from '@jest/globals';
import { firstPace, nextPoll, type Pace, type Poll, seconds } from '@sallyport/core';
import { byline, DAN } from '../builders.ts';
import { sha256Hashing } from '../fixed-clock.ts';
import { must, useStore } from './kit.ts';
import type { MakeStoreWorld } from './store-world.ts';

/** Declares the tests of `Handles` and `Paces` for a store. */
export function handlesContract(name: string, make: MakeStoreWorld): void {
  describe(`${name} keeps the contract of handles`, () => {
    const kit = useStore(make);
    const put = async (change: Parameters<typeof kit.handle>[1] = {}) => {
      const c = await kit.open();
      const handle = await kit.handle(c, change);
      const pace = firstPace(handle.issuedAt);
      await kit.world().handles.put(handle, pace);
      return { c, handle, pace };
    };

    test('P1: a handle is found whole, with its case as it is now', async () => {
      const { c, handle } = await put({ madeRequest: false, uses: ['subject:a', 'subject:b'] });
      const seen = await kit.world().handles.find(handle.id);
      expect(seen?.value).toEqual({ handle, case: c, grantGaveTokens: false });
      must(await kit.click(c.request.id, { person: DAN.id }));
      expect((await kit.world().handles.find(handle.id))?.value.case.version).toBe(2);
    });

    test('I9: an unknown, shortened or lengthened handle is not found', async () => {
      const code = kit.chance.handle();
      const { handle } = await put({ id: sha256Hashing.handleIdOf(code) });
      for (const other of [code.slice(0, -1), `${code}A`, kit.chance.handle()]) {
        expect(await kit.world().handles.find(sha256Hashing.handleIdOf(other))).toBeUndefined();
      }
      expect(await kit.world().handles.find(sha256Hashing.handleIdOf(code))).toMatchObject({ value: { handle } });
    });

    test('P4: several handles on one request live side by side', async () => {
      const { c, handle } = await put();
      const other = await kit.handle(c, { madeRequest: false });
      await kit.world().handles.put(other, firstPace(other.issuedAt));
      expect((await kit.world().handles.find(handle.id))?.value.handle).toEqual(handle);
      expect((await kit.world().handles.find(other.id))?.value.handle).toEqual(other);
    });

    test('I-9: a revoked handle stays revoked; again is harmless; an unknown one too; siblings stay', async () => {
      const { c, handle } = await put();
      const sibling = await kit.handle(c);
      await kit.world().handles.put(sibling, firstPace(sibling.issuedAt));
      await kit.world().handles.revoke(handle.id, byline());
      await kit.world().handles.revoke(handle.id, byline());
      await kit.world().handles.revoke(sha256Hashing.handleIdOf('unknown'), byline());
      expect((await kit.world().handles.find(handle.id))?.value.handle.revoked).toBe(true);
      expect((await kit.world().handles.find(sibling.id))?.value.handle.revoked).toBe(false);
      const rows = (await kit.trailOf(c.request.id)).map((row) => row.type);
      expect(rows).toEqual(['request.opened', 'handle.revoked']);
      expect(await kit.outboxOf(c.request.id)).toEqual(['request.opened']);
    });

    test('P7: a redeemed handle tells of its one token', async () => {
      const seen = await kit.live();
      const handle = await kit.handle(seen.value);
      await kit.world().handles.put(handle, firstPace(handle.issuedAt));
      const one = kit.issuance(seen, { uses: [`handle:${handle.id}`], fingerprint: 'poll' });
      expect(await kit.world().issuances.record(one)).toEqual({ kind: 'recorded' });
      const found = await kit.world().handles.find(handle.id);
      expect(found?.value.redeemed).toMatchObject({ token: one.token, fingerprint: 'poll' });
      expect(found?.value.grantGaveTokens).toBe(true);
    });

    test('R3: whether the grant gave any token does not depend on the door it left by', async () => {
      const seen = await kit.live();
      const handle = await kit.handle(seen.value);
      await kit.world().handles.put(handle, firstPace(handle.issuedAt));
      expect((await kit.world().handles.find(handle.id))?.value.grantGaveTokens).toBe(false);
      await kit.world().issuances.record(kit.issuance(seen));
      const found = await kit.world().handles.find(handle.id);
      expect(found?.value.grantGaveTokens).toBe(true);
      expect(found?.value.redeemed).toBeUndefined();
    });

    test('P6: a handle’s pace begins with the handing out, by the store’s clock', async () => {
      const { handle } = await put();
      const touch = () => kit.world().paces.touch(`handle:${handle.id}`, nextPoll);
      expect(await touch()).toMatchObject({ kind: 'too_soon', pace: { intervalSeconds: 10, tooSoonInARow: 1 } });
      await kit.world().advance(seconds(5));
      expect(await touch()).toMatchObject({ kind: 'too_soon', pace: { intervalSeconds: 15, tooSoonInARow: 2 } });
      await kit.world().advance(seconds(15));
      expect(await touch()).toMatchObject({ kind: 'in_time', pace: { intervalSeconds: 15, tooSoonInARow: 0 } });
    });

    test('P6: an unknown key starts without a pace, and what judge says is kept', async () => {
      const key = `exchange:${kit.chance.tokenId()}`;
      const seen: (Pace | undefined)[] = [];
      const judge = (pace: Pace | undefined, now: Pace['lastAnswerAt']): Poll => {
        seen.push(pace);
        return { kind: 'in_time', pace: { intervalSeconds: 42, lastAnswerAt: now, tooSoonInARow: 3 } };
      };
      const first = await kit.world().paces.touch(key, judge);
      await kit.world().paces.touch(key, judge);
      expect(seen).toEqual([undefined, first.pace]);
    });

    test('P6: polls at once are judged one after the other: only one is in time', async () => {
      const { handle } = await put();
      await kit.world().advance(seconds(6));
      const polls = await Promise.all(
        Array.from({ length: 4 }, () => kit.world().paces.touch(`handle:${handle.id}`, nextPoll)),
      );
      expect(polls.map((poll) => poll.kind).sort()).toEqual(['in_time', 'too_soon', 'too_soon', 'too_soon']);
    });

    test('P6: one key’s pace is not another’s', async () => {
      const [a, b] = [await put(), await put()];
      await kit.world().paces.touch(`handle:${a.handle.id}`, nextPoll);
      await kit.world().advance(seconds(6));
      expect((await kit.world().paces.touch(`handle:${b.handle.id}`, nextPoll)).kind).toBe('in_time');
    });
  });
}
