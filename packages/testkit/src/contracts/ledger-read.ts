/** The contract of the ledger's reads: what covers, lists newest first, pages, and the moment of each read. */
import { expect, test } from '@jest/globals';
import { type AccessCase, type Listed, minutes, type Principal, type Seen } from '@sallyport/core';
import { BILLING, BOB, byline, CAROL, DAN, DEPLOY, ORDERS, withPerson } from '../builders.ts';
import { type Kit, must } from './kit.ts';

type List = (page: { limit: number; cursor?: string }) => Promise<Seen<Listed<AccessCase>>>;

export function readContract(kit: Kit): void {
  const ids = (cases: readonly AccessCase[]): string[] => cases.map((c) => c.request.id);
  const covering = (subject: Principal, more: object = {}) =>
    kit.world().ledger.covering({ subject, resource: ORDERS, useKeys: [], ...more });

  test('find and findByGrant give the same case; unknown ids give nothing', async () => {
    const { value } = await kit.live();
    const { ledger } = kit.world();
    expect((await ledger.find(value.request.id))?.value).toEqual(value);
    expect((await ledger.findByGrant(value.grant.id))?.value).toEqual(value);
    expect(await ledger.find(kit.chance.requestId())).toBeUndefined();
    expect(await ledger.findByGrant(kit.chance.grantId())).toBeUndefined();
  });

  test('what somebody decided on is listed for them, newest first, once each', async () => {
    const [older, newer, others] = [await kit.open(), await kit.open(), await kit.open()];
    const { ledger } = kit.world();
    for (const c of [older, newer]) must(await kit.click(c.request.id, { person: CAROL.id }));
    must(await kit.click(newer.request.id, { person: CAROL.id, verdict: 'deny' }));
    must(await kit.click(others.request.id, { person: DAN.id }));
    const first = await ledger.decidedBy(CAROL.id, { limit: 1 });
    expect(ids(first.value.items)).toEqual([newer.request.id]);
    const next = first.value.nextCursor === undefined ? {} : { cursor: first.value.nextCursor };
    expect(ids((await ledger.decidedBy(CAROL.id, { limit: 1, ...next })).value.items)).toEqual([older.request.id]);
    expect(ids((await ledger.decidedBy(kit.member().id, { limit: 5 })).value.items)).toEqual([]);
  });

  test('what a grant was used for: how many tokens, and whose client had the last, when', async () => {
    const live = await kit.live();
    const { ledger, issuances } = kit.world();
    expect(await ledger.uses(live.value.grant.id)).toEqual({ tokens: 0 });
    await issuances.record(kit.issuance(live));
    await kit.world().advance(minutes(2));
    const later = await kit.look(live.value.request.id);
    const token = kit.token(later);
    await issuances.record(kit.issuance(later, { token }));
    expect(await ledger.uses(live.value.grant.id)).toEqual({
      tokens: 2,
      last: { at: token.issuedAt, clientId: token.clientId },
    });
  });

  test('P26: the versions of many at once are those of each; unknown ones are left out', async () => {
    const [a, b] = [await kit.open(), await kit.live()];
    const { ledger } = kit.world();
    const found = await ledger.versions([a.request.id, b.value.request.id, kit.chance.requestId()]);
    expect([...found].sort()).toEqual(
      [
        [a.request.id, a.version],
        [b.value.request.id, b.value.version],
      ].sort(),
    );
    expect((await ledger.versions([])).size).toBe(0);
  });

  test('I-18: each read says by which policy and when', async () => {
    const { value } = await kit.live();
    const tightened = withPerson(kit.policy, DAN.id, { enabled: false });
    await kit.world().put(tightened);
    const { ledger } = kit.world();
    const reads = [
      await ledger.find(value.request.id),
      await ledger.findByGrant(value.grant.id),
      await covering(value.request.subject),
      await ledger.mine([value.request.subject], { limit: 1 }),
      await ledger.granted([value.request.subject], { limit: 1 }),
      await ledger.pending(1),
    ];
    expect(reads.map((seen) => seen?.at.policy.version)).toEqual(reads.map(() => tightened.version));
    expect(reads[0]?.at.policy).toEqual(tightened);
    const before = reads[0]?.at.now ?? 0;
    await kit.world().advance(minutes(2));
    expect(((await ledger.find(value.request.id))?.at.now ?? 0) - before).toBeGreaterThanOrEqual(120_000);
  });

  test('covering: pending, and approved with a grant not marked ended; of this subject and resource only', async () => {
    const subject = kit.member();
    const pending = await kit.open({ subject });
    const active = await kit.live({ subject });
    const revoked = await kit.live({ subject });
    must(await kit.revoke(revoked.value.request.id));
    const denied = await kit.open({ subject });
    must(await kit.click(denied.request.id, { person: DAN.id, verdict: 'deny' }));
    await kit.open({ subject, access: { ...pending.request.access, resource: BILLING } });
    await kit.open({ requester: subject, subject: DEPLOY });
    const seen = await covering(subject);
    expect(ids(seen.value.cases).sort()).toEqual([pending.request.id, active.value.request.id].sort());
    expect(seen.value.earlier).toBeUndefined();
    expect(seen.value.cases.find((c) => c.grant !== undefined)).toEqual(active.value);
  });

  test('covering: the one named by id comes too, whatever its state, but only if it is theirs', async () => {
    const subject = kit.member();
    const denied = await kit.open({ subject });
    must(await kit.click(denied.request.id, { person: DAN.id, verdict: 'deny' }));
    const foreign = await kit.open();
    expect(ids((await covering(subject, { requestId: denied.request.id })).value.cases)).toEqual([denied.request.id]);
    expect(ids((await covering(subject, { requestId: foreign.request.id })).value.cases)).toEqual([]);
    expect(ids((await covering(subject, { requestId: kit.chance.requestId() })).value.cases)).toEqual([]);
  });

  test('covering: a named open case comes once', async () => {
    const c = await kit.open();
    const seen = await covering(c.request.subject, { requestId: c.request.id });
    expect(ids(seen.value.cases)).toEqual([c.request.id]);
  });

  test('I-6: covering tells of an earlier use of the first key that was used', async () => {
    const seen = await kit.live();
    const issuance = kit.issuance(seen, { uses: [`subject:${seen.value.request.id}`], fingerprint: 'f9' });
    await kit.world().issuances.record(issuance);
    const subject = seen.value.request.subject;
    const keys = ['subject:never', `subject:${seen.value.request.id}`];
    const found = await covering(subject, { useKeys: keys });
    expect(found.value.earlier).toMatchObject({ token: issuance.token, fingerprint: 'f9', key: keys[1] });
    expect((await covering(subject, { useKeys: ['subject:never'] })).value.earlier).toBeUndefined();
  });

  test('mine: as requester or subject, newest first, in pages that miss and repeat nothing', async () => {
    const me = kit.member();
    const opened = [];
    for (let count = 0; count < 5; count++) {
      opened.push(await kit.open(count % 2 === 0 ? { subject: me, requester: me } : { subject: me, requester: BOB }));
    }
    await kit.open();
    const want = ids(opened).reverse();
    expect(await paged((page) => kit.world().ledger.mine([me], page), 2)).toEqual([
      want.slice(0, 2),
      want.slice(2, 4),
      want.slice(4),
    ]);
    expect(await paged((page) => kit.world().ledger.mine([me], page), 5)).toEqual([want]);
  });

  test('mine: a page is not shifted by what is opened meanwhile', async () => {
    const me = kit.member();
    const opened = [];
    for (let count = 0; count < 4; count++) opened.push(await kit.open({ subject: me }));
    const want = ids(opened).reverse();
    const first = (await kit.world().ledger.mine([me], { limit: 2 })).value;
    await kit.open({ subject: me });
    const cursor = first.nextCursor ?? '';
    const second = (await kit.world().ledger.mine([me], { limit: 2, cursor })).value;
    expect([...ids(first.items), ...ids(second.items)]).toEqual(want);
  });

  test('mine: of several principals, each case once; of nobody, none', async () => {
    const [a, b] = [kit.member(), kit.member()];
    const first = await kit.open({ subject: a, requester: b });
    const second = await kit.open({ subject: b, requester: b });
    const both = (await kit.world().ledger.mine([a, b], { limit: 10 })).value.items;
    expect(ids(both)).toEqual([second.request.id, first.request.id]);
    expect((await kit.world().ledger.mine([], { limit: 10 })).value.items).toEqual([]);
    expect((await kit.world().ledger.mine([kit.member()], { limit: 10 })).value).toEqual({ items: [] });
  });

  test('granted: only cases with a grant, ended ones too, newest first, in pages', async () => {
    const me = kit.member();
    const made = [];
    for (let count = 0; count < 3; count++) made.push((await kit.live({ subject: me })).value);
    await kit.open({ subject: me });
    const [oldest] = made;
    if (oldest !== undefined) must(await kit.revoke(oldest.request.id));
    const want = ids(made).reverse();
    expect(await paged((page) => kit.world().ledger.granted([me], page), 2)).toEqual([want.slice(0, 2), want.slice(2)]);
  });

  test('pending: in time only, newest first, bounded', async () => {
    const { now } = await kit.now();
    const late = await kit.open({ expiresAt: (now + minutes(5)) as typeof now });
    const a = await kit.open();
    const b = await kit.open();
    await kit.live();
    await kit.world().advance(minutes(6));
    const all = ids((await kit.world().ledger.pending(1_000)).value);
    expect(all.slice(0, 2)).toEqual([b.request.id, a.request.id]);
    expect(all).not.toContain(late.request.id);
    expect(ids((await kit.world().ledger.pending(1)).value)).toEqual([b.request.id]);
  });

  test('note: a refusal that reached no case leaves one row', async () => {
    const before = (await kit.world().audit()).length;
    const { value } = await kit.live();
    const after = (await kit.world().audit()).length;
    await kit.world().ledger.note({
      refusal: { code: 'scope_not_covered' },
      by: byline({ door: 'oauth' }),
      attempted: 'exchange',
      requestId: value.request.id,
    });
    const rows = await kit.world().audit();
    expect(rows.length).toBe(after + 1);
    expect(rows.at(-1)).toMatchObject({ type: 'attempt.refused', reasonCode: 'scope_not_covered' });
    expect(after).toBeGreaterThan(before);
  });
}

/** The ids of every page, following the cursors. */
async function paged(list: List, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | undefined;
  for (let turn = 0; turn < 20; turn++) {
    const { value } = await list({ limit, ...(cursor === undefined ? {} : { cursor }) });
    pages.push(value.items.map((c) => c.request.id));
    cursor = value.nextCursor;
    if (cursor === undefined) return pages;
  }
  throw new Error('the cursor never ends');
}
