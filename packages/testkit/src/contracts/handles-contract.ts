/** The contract of handles and of the replay guard: kept whole, found with their case, ended for good; good once. */
import { describe, expect, test } from '@jest/globals';
import { after, seconds } from '@sallyport/core';
import { byline, DAN } from '../builders.ts';
import { sha256Hashing } from '../fixed-clock.ts';
import { must, useStore } from './kit.ts';
import type { MakeStoreWorld } from './store-world.ts';

/** Declares the tests of `Handles` and `ReplayGuard` for a store. */
export function handlesContract(name: string, make: MakeStoreWorld): void {
  describe(`${name} keeps the contract of handles`, () => {
    const kit = useStore(make);
    const put = async (change: Parameters<typeof kit.handle>[1] = {}) => {
      const c = await kit.open();
      const handle = await kit.handle(c, change);
      await kit.world().handles.put(handle);
      return { c, handle };
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
      await kit.world().handles.put(other);
      expect((await kit.world().handles.find(handle.id))?.value.handle).toEqual(handle);
      expect((await kit.world().handles.find(other.id))?.value.handle).toEqual(other);
    });

    test('I-9: a revoked handle stays revoked; again is harmless; an unknown one too; siblings stay', async () => {
      const { c, handle } = await put();
      const sibling = await kit.handle(c);
      await kit.world().handles.put(sibling);
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
      await kit.world().handles.put(handle);
      const one = kit.issuance(seen, { uses: [`handle:${handle.id}`], fingerprint: 'poll' });
      expect(await kit.world().issuances.record(one)).toEqual({ kind: 'recorded' });
      const found = await kit.world().handles.find(handle.id);
      expect(found?.value.redeemed).toMatchObject({ token: one.token, fingerprint: 'poll' });
      expect(found?.value.grantGaveTokens).toBe(true);
    });

    test('R3: whether the grant gave any token does not depend on the door it left by', async () => {
      const seen = await kit.live();
      const handle = await kit.handle(seen.value);
      await kit.world().handles.put(handle);
      expect((await kit.world().handles.find(handle.id))?.value.grantGaveTokens).toBe(false);
      await kit.world().issuances.record(kit.issuance(seen));
      const found = await kit.world().handles.find(handle.id);
      expect(found?.value.grantGaveTokens).toBe(true);
      expect(found?.value.redeemed).toBeUndefined();
    });

    test('P11: an unbound handle is bound by the first key, for good; a bound one keeps its own', async () => {
      const { handle } = await put();
      expect(await kit.world().handles.pin(handle.id, 'key-a')).toBe('key-a');
      expect(await kit.world().handles.pin(handle.id, 'key-b')).toBe('key-a');
      expect((await kit.world().handles.find(handle.id))?.value.handle.jkt).toBe('key-a');
      const { handle: bound } = await put({ jkt: 'key-c' });
      expect(await kit.world().handles.pin(bound.id, 'key-a')).toBe('key-c');
    });

    test('P11: of several keys at once one binds, and all hear of it', async () => {
      const { handle } = await put();
      const bound = await Promise.all(['a', 'b', 'c', 'd'].map((jkt) => kit.world().handles.pin(handle.id, jkt)));
      expect(new Set(bound).size).toBe(1);
      expect((await kit.world().handles.find(handle.id))?.value.handle.jkt).toBe(bound[0]);
    });

    test('T12 S30: a handle keeps who acts and what was asked in detail', async () => {
      const rich = {
        kind: 'auth_req_id',
        actors: [{ sub: 'workload:a' }, { iss: 'https://b.test', sub: 'b' }],
        details: [{ type: 'orders', tables: ['orders', 'lines'], limit: 1.5, note: null }],
        jkt: 'key-a',
      } as const;
      const { handle } = await put(rich);
      expect((await kit.world().handles.find(handle.id))?.value.handle).toEqual({ ...handle, ...rich });
    });
  });

  describe(`${name} keeps the contract of the replay guard`, () => {
    const kit = useStore(make);
    const once = async (key: string) => {
      const { now } = await kit.now();
      return kit.world().replayGuard.first({ key, until: after(now, seconds(60)) });
    };

    test('D8 C7: what is good once is good once, also of many at once', async () => {
      const key = kit.chance.tokenId();
      expect(await once(key)).toBe(true);
      expect(await once(key)).toBe(false);
      expect(await once(kit.chance.tokenId())).toBe(true);
      const other = kit.chance.tokenId();
      const all = await Promise.all(Array.from({ length: 8 }, () => once(other)));
      expect(all.filter((first) => first)).toHaveLength(1);
    });
  });
}
