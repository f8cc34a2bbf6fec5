/** The contract of issuances: a token row and its audit row together, under a fresh look at the grant, or nothing. */
import { describe, expect, test } from '@jest/globals';
import { type Instant, type IssuanceRecord, minutes, ok, type Recorded, stepOf } from '@sallyport/core';
import { ALICE, byline, withPerson } from '../builders.ts';
import { codeOf, type Kit, must, useStore } from './kit.ts';
import type { MakeStoreWorld } from './store-world.ts';

/** Declares the tests of `Issuances` for a store. */
export function issuancesContract(name: string, make: MakeStoreWorld): void {
  describe(`${name} keeps the contract of issuances`, () => {
    const kit = useStore(make);
    describe('record', () => recordTests(kit));
    describe('what gives one token', () => useTests(kit));
    describe('against a revoke', () => raceTests(kit));
  });
}

function recordTests(kit: Kit): void {
  const record = (one: IssuanceRecord): Promise<Recorded> => kit.world().issuances.record(one);

  test('I-7: a recorded token is found whole, and its audit row is there', async () => {
    const seen = await kit.live();
    const one = kit.issuance(seen);
    expect(await record(one)).toEqual({ kind: 'recorded' });
    const found = await kit.world().issuances.find(one.token.jti);
    expect(found?.value).toEqual({ token: one.token, revoked: false, case: seen.value });
    const rows = (await kit.trailOf(seen.value.request.id)).filter((row) => row.type === 'token.issued');
    expect(rows).toMatchObject([{ jti: one.token.jti, grantId: seen.value.grant.id }]);
  });

  test('an unknown token is not found', async () => {
    expect(await kit.world().issuances.find(kit.chance.tokenId())).toBeUndefined();
  });

  test('I-7: issuing changes neither version nor outbox', async () => {
    const seen = await kit.live();
    const sent = await kit.outboxOf(seen.value.request.id);
    await record(kit.issuance(seen));
    expect((await kit.look(seen.value.request.id)).value).toEqual(seen.value);
    expect(await kit.outboxOf(seen.value.request.id)).toEqual(sent);
  });

  test('I-9: no token of a revoked grant, and no row', async () => {
    const seen = await kit.live();
    must(await kit.revoke(seen.value.request.id));
    const one = kit.issuance(seen);
    expect(await record(one)).toEqual({ kind: 'no_longer_live' });
    expect(await kit.world().issuances.find(one.token.jti)).toBeUndefined();
    expect((await kit.trailOf(seen.value.request.id)).filter((row) => row.type === 'token.issued')).toEqual([]);
  });

  test('I-2: no token once the grant’s time is over, though no sweep has run', async () => {
    const seen = await kit.live({ duration: minutes(5) });
    await kit.world().advance(minutes(6));
    expect(await record(kit.issuance(seen))).toEqual({ kind: 'no_longer_live' });
  });

  test('I-2: no token that ends after its grant', async () => {
    const seen = await kit.live({ duration: minutes(5) });
    const expiresAt = (seen.value.grant.expiresAt + 1_000) as Instant;
    expect(await record(kit.issuance(seen, { token: kit.token(seen, { expiresAt }) }))).toEqual({
      kind: 'no_longer_live',
    });
  });

  test('I-2: no token before the grant begins', async () => {
    const { now } = await kit.now();
    const seen = await kit.live({ notBefore: ((Math.floor(now / 1_000) + 600) * 1_000) as Instant });
    expect(await record(kit.issuance(seen))).toEqual({ kind: 'no_longer_live' });
  });

  test('I-17: no token computed under a policy that is no longer in force', async () => {
    const seen = await kit.live();
    await kit.world().put(withPerson(kit.policy, ALICE.id, { name: 'Alice Arnold' }));
    expect(await record(kit.issuance(seen))).toEqual({ kind: 'no_longer_live' });
    expect(await record(kit.issuance(await kit.look(seen.value.request.id)))).toEqual({ kind: 'recorded' });
  });

  test('I-9: revoking one token leaves the grant’s row as it was read: siblings can still be recorded', async () => {
    const seen = await kit.live();
    const one = kit.issuance(seen);
    await record(one);
    must(await revokeToken(kit, one));
    expect(await record(kit.issuance(seen))).toEqual({ kind: 'recorded' });
  });

  test('many tokens of one grant at once are all recorded', async () => {
    const seen = await kit.live();
    const all = await Promise.all(Array.from({ length: 20 }, () => record(kit.issuance(seen))));
    expect(all).toEqual(all.map(() => ({ kind: 'recorded' })));
    const rows = (await kit.trailOf(seen.value.request.id)).filter((row) => row.type === 'token.issued');
    expect(new Set(rows.map((row) => row.jti)).size).toBe(20);
  });
}

function useTests(kit: Kit): void {
  const record = (one: IssuanceRecord): Promise<Recorded> => kit.world().issuances.record(one);

  test('I-6: a used key gives no second token, and tells of the first', async () => {
    const seen = await kit.live();
    const uses = [`subject:${seen.value.grant.id}`];
    const first = kit.issuance(seen, { uses, fingerprint: 'first' });
    expect(await record(first)).toEqual({ kind: 'recorded' });
    const second = kit.issuance(seen, { uses, fingerprint: 'second' });
    const answer = await record(second);
    expect(answer).toMatchObject({ kind: 'used', key: uses[0], earlier: { token: first.token, fingerprint: 'first' } });
    if (answer.kind !== 'used') throw new Error('not used');
    expect(Math.abs(answer.earlier.at - seen.at.now)).toBeLessThan(60_000);
    expect(await kit.world().issuances.find(second.token.jti)).toBeUndefined();
  });

  test('P16: eight at once with one key: one row, and all others hear of the same token', async () => {
    const seen = await kit.live();
    const uses = [`handle:${'0'.repeat(63)}1`];
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, index) => record(kit.issuance(seen, { uses, fingerprint: `f${index}` }))),
    );
    expect(all.filter((one) => one.kind === 'recorded')).toHaveLength(1);
    const heard = all.flatMap((one) => (one.kind === 'used' ? [one.earlier.token.jti] : []));
    expect(heard).toHaveLength(7);
    expect(new Set(heard).size).toBe(1);
    const rows = (await kit.trailOf(seen.value.request.id)).filter((row) => row.type === 'token.issued');
    expect(rows.map((row) => row.jti)).toEqual([heard[0]]);
  });

  test('I-6: of several keys one that was used is enough, and none of the others is used up by it', async () => {
    const seen = await kit.live();
    const [a, b] = [`subject:a-${seen.value.grant.id}`, `subject:b-${seen.value.grant.id}`];
    await record(kit.issuance(seen, { uses: [a] }));
    expect(await record(kit.issuance(seen, { uses: [b, a] }))).toMatchObject({ kind: 'used', key: a });
    expect(await record(kit.issuance(seen, { uses: [b] }))).toEqual({ kind: 'recorded' });
  });

  test('I-6: a grant gives at most usesMax tokens, also when they come at once', async () => {
    const seen = await kit.live();
    const all = await Promise.all(Array.from({ length: 6 }, () => record(kit.issuance(seen, { usesMax: 2 }))));
    expect(all.map((one) => one.kind).sort()).toEqual(['recorded', 'recorded', 'spent', 'spent', 'spent', 'spent']);
  });

  test('I-6: a spent grant that was used by this very key says used, so that a lost answer can be repeated', async () => {
    const seen = await kit.live();
    const uses = [`grant:${seen.value.grant.id}`];
    const first = kit.issuance(seen, { uses, usesMax: 1 });
    expect(await record(first)).toEqual({ kind: 'recorded' });
    expect(await record(kit.issuance(seen, { uses, usesMax: 1 }))).toMatchObject({
      kind: 'used',
      key: uses[0],
      earlier: { token: first.token },
    });
    expect(await record(kit.issuance(seen, { usesMax: 1 }))).toEqual({ kind: 'spent' });
  });

  test('I-6: a refused record uses no key up', async () => {
    const seen = await kit.live();
    const uses = [`subject:kept-${seen.value.grant.id}`];
    await kit.world().put(withPerson(kit.policy, ALICE.id, { name: 'Alice Arnold' }));
    expect(await record(kit.issuance(seen, { uses }))).toEqual({ kind: 'no_longer_live' });
    await kit.world().put(kit.policy);
    expect(await record(kit.issuance(await kit.look(seen.value.request.id), { uses }))).toEqual({ kind: 'recorded' });
  });
}

function raceTests(kit: Kit): void {
  test('I-9: revoke and record at once: whatever is recorded was recorded before the revoke', async () => {
    for (let round = 0; round < 25; round++) {
      const seen = await kit.live();
      const { id } = seen.value.request;
      const records = Array.from({ length: 3 }, () => kit.issuance(seen));
      const [revoked, ...recorded] = await Promise.all([
        kit.revoke(id),
        ...records.map((one) => kit.world().issuances.record(one)),
      ]);
      expect(codeOf(revoked)).toBe('ok');
      const kept = recorded.filter((one) => one.kind === 'recorded').length;
      const types = (await kit.trailOf(id)).map((row) => row.type);
      expect(types.filter((type) => type === 'token.issued')).toHaveLength(kept);
      expect(await kit.world().issuances.record(kit.issuance(seen))).toEqual({ kind: 'no_longer_live' });
      for (const one of records) {
        const found = await kit.world().issuances.find(one.token.jti);
        if (found !== undefined) expect(found.value.case.grant?.status.state).toBe('revoked');
      }
    }
  });

  test('I-9: a record that waited for the revoker writes nothing', async () => {
    for (let round = 0; round < 25; round++) {
      const seen = await kit.live();
      const revoking = kit.revoke(seen.value.request.id);
      const recording = kit.world().issuances.record(kit.issuance(seen));
      await revoking;
      const late = kit.issuance(seen);
      expect(await kit.world().issuances.record(late)).toEqual({ kind: 'no_longer_live' });
      await recording;
      expect(await kit.world().issuances.find(late.token.jti)).toBeUndefined();
    }
  });

  test('I-9: a handle revoked after it was read gives no token', async () => {
    const seen = await kit.live();
    const handle = await kit.handle(seen.value);
    await kit.world().handles.put(handle);
    await kit.world().handles.revoke(handle.id, byline());
    const one = kit.issuance(seen, { uses: [`handle:${handle.id}`] });
    expect(await kit.world().issuances.record(one)).toEqual({ kind: 'no_longer_live' });
    expect(await kit.world().issuances.find(one.token.jti)).toBeUndefined();
  });

  test('I-18: a policy put in force while records run: none of the old version comes after it', async () => {
    const seen = await kit.live();
    const tightened = withPerson(kit.policy, ALICE.id, { name: 'Alice Arnold' });
    const before = Array.from({ length: 4 }, () => kit.world().issuances.record(kit.issuance(seen)));
    await kit.world().put(tightened);
    const late = await kit.world().issuances.record(kit.issuance(seen));
    expect(late).toEqual({ kind: 'no_longer_live' });
    await Promise.all(before);
  });
}

function revokeToken(kit: Kit, one: IssuanceRecord) {
  return kit.world().ledger.transact(
    one.token.requestId,
    (c, { now }) => {
      const by = { kind: 'client', id: 'ci' } as const;
      return ok(stepOf(c, [{ type: 'token.revoked', at: now, jti: one.token.jti, by }]));
    },
    one.by,
  );
}
