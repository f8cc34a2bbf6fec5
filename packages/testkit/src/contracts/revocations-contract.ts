/** The contract of revocations: what ended before its time is told, in order, once; and so say the bits of its tokens. */
import { describe, expect, test } from '@jest/globals';
import {
  bitNumber,
  type FeedPosition,
  lastTokenEnd,
  makeBarTokens,
  minutes,
  ok,
  type RevocationPage,
  type RevocationQuery,
  stepOf,
  type TokenFacts,
} from '@sallyport/core';
import { byline, changed, DAN, ORDERS, withPerson } from '../builders.ts';
import { type Kit, type Live, must, useStore } from './kit.ts';
import type { MakeStoreWorld } from './store-world.ts';

/** Declares the tests of `Revocations`, `StatusBits`, `EndedBits` and `LiveTokens` for a store. */
export function revocationsContract(name: string, make: MakeStoreWorld): void {
  describe(`${name} keeps the contract of revocations`, () => {
    const acts = actsOf(useStore(make));
    describe('the feed', () => feedTests(acts));
    describe('bits in the status lists', () => bitTests(acts));
    describe('what the policy bars', () => barTests(acts));
  });
}

type Acts = ReturnType<typeof actsOf>;

function actsOf(kit: Kit) {
  const { world } = kit;
  /** A recorded token with a bit, of a grant of its own unless said. */
  async function issued(from?: Live, change: Partial<TokenFacts> = {}) {
    const seen = from ?? (await kit.live());
    const token = kit.token(seen, { status: await world().statuses.take(), ...change });
    expect(await world().issuances.record(kit.issuance(seen, { token }))).toEqual({ kind: 'recorded' });
    return { seen, token };
  }
  async function giveBack({ requestId, jti }: TokenFacts): Promise<void> {
    const by = { kind: 'client', id: 'ci' } as const;
    const written = await world().ledger.transact(
      requestId,
      (c, { now }) => ok(stepOf(c, [{ type: 'token.revoked', at: now, jti, by }])),
      byline(),
    );
    must(written);
  }
  const end = async ({ value }: Live) => must(await kit.revoke(value.request.id));
  const read = (query: Partial<RevocationQuery> = {}): Promise<RevocationPage> =>
    world().revocations.read({ limitMax: 100, ...query });
  const since = (after: FeedPosition, query: Partial<RevocationQuery> = {}) => read({ after, ...query });
  const tip = () => world().revocations.tip();
  return { kit, issued, giveBack, end, read, since, tip };
}

const namesIn = ({ items }: RevocationPage): readonly string[] =>
  items.map(({ revocation: { what } }) => (what.kind === 'token' ? what.jti : what.grantId));

function feedTests({ kit, issued, giveBack, end, read, since, tip }: Acts): void {
  test('I-9: a revoked token and a revoked grant are told, whole and in order', async () => {
    const before = await tip();
    const { seen, token } = await issued();
    await giveBack(token);
    const { case: c } = await end(seen);
    const page = await since(before);
    const { resource, audience } = seen.value.grant.access;
    if (c.grant?.status.state !== 'revoked') throw new Error('not revoked');
    expect(page.items.map((item) => item.revocation)).toEqual([
      {
        id: expect.any(String),
        what: { kind: 'token', jti: token.jti },
        resource,
        audience,
        endsAt: token.expiresAt,
      },
      {
        id: expect.any(String),
        what: { kind: 'grant', grantId: seen.value.grant.id },
        resource,
        audience,
        endsAt: lastTokenEnd(c.grant.expiresAt, c.grant.status.at),
      },
    ]);
    expect([page.more, new Set(page.items.map((item) => item.revocation.id)).size]).toEqual([false, 2]);
  });

  test('the same revocation has the same id whoever reads it, and however often', async () => {
    const before = await tip();
    await end(await kit.live());
    const [one, two] = [await since(before), await read()];
    expect(two.items.at(-1)?.revocation).toEqual(one.items[0]?.revocation);
  });

  test('after a position comes what it did not tell, and nothing twice', async () => {
    const before = await tip();
    const all = [await kit.live(), await kit.live(), await kit.live()];
    for (const seen of all) await end(seen);
    const grants = all.map((seen) => seen.value.grant.id);
    const page = await since(before);
    expect(namesIn(page)).toEqual(grants);
    for (const [index, { position }] of page.items.entries())
      expect(namesIn(await since(position))).toEqual(grants.slice(index + 1));
    expect(await since(page.next)).toMatchObject({ items: [], more: false });
    await end(await kit.live());
    expect((await since(page.next)).items).toHaveLength(1);
  });

  test('pages end where the limit says, and go on from there', async () => {
    const before = await tip();
    const all = [await kit.live(), await kit.live(), await kit.live(), await kit.live(), await kit.live()];
    for (const seen of all) await end(seen);
    const [names, sizes]: [string[], number[]] = [[], []];
    for (let at = before, more = true; more; ) {
      const page = await since(at, { limitMax: 2 });
      names.push(...namesIn(page));
      sizes.push(page.items.length);
      [at, more] = [page.next, page.more];
    }
    expect([names, sizes]).toEqual([all.map((seen) => seen.value.grant.id), [2, 2, 1]]);
  });

  test('no further than a position: what came later is for the next read', async () => {
    const before = await tip();
    const [first, second] = [await kit.live(), await kit.live()];
    await end(first);
    const between = await tip();
    await end(second);
    const page = await since(before, { upTo: between });
    expect(namesIn(page)).toEqual([first.value.grant.id]);
    expect(namesIn(await since(page.next))).toEqual([second.value.grant.id]);
  });

  test('of other resources nothing is told, and the position moves on', async () => {
    const before = await tip();
    const seen = await kit.live();
    await end(seen);
    const upTo = await tip();
    const theirs = await since(before, { upTo, resources: [ORDERS] });
    const none = await since(before, { upTo, resources: [] });
    expect([namesIn(theirs), namesIn(none)]).toEqual([[seen.value.grant.id], []]);
    expect((await since(none.next)).items).toEqual([]);
  });

  test('a position that is none of ours reads from the beginning', async () => {
    const seen = await kit.live();
    await end(seen);
    const all = namesIn(await read());
    expect(all).toContain(seen.value.grant.id);
    for (const foreign of ['x', 'AQ', 'AQECAwQFBgcICQoLDA0ODxAREhM', 'A'.repeat(512)])
      expect(namesIn(await since(foreign))).toEqual(all);
  });

  test('what ends by time, or never became a grant, is not in it', async () => {
    const before = await tip();
    const { request } = await kit.open();
    must(await kit.click(request.id, { person: DAN.id, verdict: 'deny' }));
    await kit.live({ duration: minutes(5) });
    await kit.world().advance(minutes(6));
    await kit.world().ledger.sweep(1_000);
    expect((await since(before)).items).toEqual([]);
  });

  test('what no longer matters to anybody is left out, also for who reads on from before', async () => {
    const before = await tip();
    const { seen, token } = await issued();
    await giveBack(token);
    await kit.world().advance(minutes(11));
    expect(namesIn(await since(before))).toEqual([token.jti]);
    await kit.world().advance(minutes(2));
    expect(namesIn(await since(before))).toEqual([]);
    await end(seen);
    expect(namesIn(await since(before))).toEqual([seen.value.grant.id]);
    await kit.world().advance(minutes(70));
    expect([namesIn(await since(before)), namesIn(await read())]).toEqual([[], []]);
  });
}

function bitTests({ kit, issued, giveBack, end }: Acts): void {
  const ended = async () => (await kit.world().endedBits.look()).ended.map(bitNumber);
  const bit = ({ status }: TokenFacts): number => {
    if (status === undefined) throw new Error('a token without a bit');
    return bitNumber(status);
  };

  test('a token keeps its bit, and no two have the same', async () => {
    const bits = await Promise.all(Array.from({ length: 3_000 }, () => kit.world().statuses.take()));
    expect(new Set(bits.map(bitNumber)).size).toBe(bits.length);
    const { token } = await issued();
    expect((await kit.world().issuances.find(token.jti))?.value.token).toEqual(token);
  });

  test('lists are there as soon as tokens may be in them', async () => {
    const { list } = await kit.world().statuses.take();
    const { lists } = await kit.world().endedBits.look();
    expect(lists).toBeGreaterThan(list);
  });

  test('I-9: a revoked token’s bit is over at once, and only that one', async () => {
    const { seen, token } = await issued();
    const sibling = await issued(seen);
    expect(await ended()).not.toContain(bit(token));
    await giveBack(token);
    expect(await ended()).toContain(bit(token));
    expect(await ended()).not.toContain(bit(sibling.token));
  });

  test('I-9: with a grant all bits of its tokens are over; those of others are not', async () => {
    const { seen, token } = await issued();
    const sibling = await issued(seen);
    const other = await issued();
    await end(seen);
    expect(await ended()).toEqual(expect.arrayContaining([bit(token), bit(sibling.token)]));
    expect(await ended()).not.toContain(bit(other.token));
  });

  test('a token that is over by time needs no bit any more, but for those who give it a little longer', async () => {
    const { seen, token } = await issued();
    await end(seen);
    await kit.world().advance(minutes(11));
    expect(await ended()).toContain(bit(token));
    await kit.world().advance(minutes(2));
    expect(await ended()).not.toContain(bit(token));
  });
}

function barTests({ kit, issued, giveBack, end, since, tip }: Acts): void {
  const run = (): Promise<number> => makeBarTokens(kit.world())(byline({ door: 'worker' }));

  test('I-17, I-18: what the policy no longer allows is told, once, and its bit is over', async () => {
    const [one, other] = [await issued(), await issued()];
    expect(await run()).toBe(0);
    const before = await tip();
    const { subject } = one.token;
    await kit.world().put(withPerson(kit.policy, subject.id, { enabled: false }));
    expect([await run(), await run()]).toEqual([1, 0]);
    expect(namesIn(await since(before))).toEqual([one.token.jti]);
    const { ended } = await kit.world().endedBits.look();
    expect(ended).toContainEqual(one.token.status);
    expect(ended).not.toContainEqual(other.token.status);
    const rows = (await kit.trailOf(one.token.requestId)).filter((row) => row.type === 'token.barred');
    expect(rows).toMatchObject([{ jti: one.token.jti, grantId: one.token.grantId }]);
  });

  test('a client that is gone takes its tokens along; a resource that is disabled all of them', async () => {
    const [one, two] = [await issued(), await issued()];
    const before = await tip();
    await kit.world().put(changed(kit.policy, { clients: kit.policy.clients.filter(({ id }) => id !== 'ci') }));
    await run();
    expect(namesIn(await since(before))).toEqual(expect.arrayContaining([one.token.jti, two.token.jti]));
    const third = await issued();
    await kit.world().put(
      changed(kit.policy, {
        resources: kit.policy.resources.map((one) => (one.id === ORDERS ? { ...one, enabled: false } : one)),
      }),
    );
    const between = await tip();
    await run();
    expect(namesIn(await since(between))).toEqual([third.token.jti]);
  });

  test('a token that outlives what is left of its role’s maximum is barred, one within it is not', async () => {
    const seen = await kit.live();
    const [short, long] = [
      await issued(seen, { expiresAt: (kit.token(seen).issuedAt + minutes(4)) as TokenFacts['expiresAt'] }),
      await issued(seen),
    ];
    const before = await tip();
    const roles = kit.policy.resources.map((one) =>
      one.id === ORDERS ? { ...one, roles: one.roles.map((role) => ({ ...role, maxDuration: minutes(5) })) } : one,
    );
    await kit.world().put(changed(kit.policy, { resources: roles }));
    await run();
    const names = namesIn(await since(before));
    expect(names).toContain(long.token.jti);
    expect(names).not.toContain(short.token.jti);
  });

  test('what was ended, or is a federation token, is nobody’s to bar', async () => {
    const [revoked, over, federated] = [
      await issued(),
      await issued(),
      await issued(undefined, { federation: { target: ORDERS, role: 'admin' as never } }),
    ];
    await giveBack(revoked.token);
    await end(over.seen);
    const before = await tip();
    await kit.world().put(changed(kit.policy, { clients: [] }));
    await run();
    const names = namesIn(await since(before));
    for (const { token } of [revoked, over, federated]) expect(names).not.toContain(token.jti);
  });

  test('pages show every live token once', async () => {
    const seen = await kit.live();
    const tokens = [];
    for (let n = 0; n < 5; n += 1) tokens.push((await issued(seen)).token.jti);
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const { value } = await kit.world().liveTokens.page({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      found.push(...value.items.map(({ token }) => token.jti));
      cursor = value.nextCursor;
    } while (cursor !== undefined);
    expect(new Set(found).size).toBe(found.length);
    expect(found).toEqual(expect.arrayContaining(tokens));
  });
}
