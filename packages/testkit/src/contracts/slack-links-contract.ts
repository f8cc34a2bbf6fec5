/** The contract of Slack links: offers, confirmations, one link for an account and one for a person, and who may act by which. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  type Digest,
  LINK_MISSES_MAX,
  LINK_OFFER_LIFE,
  LINK_OFFERS_MAX,
  makeDeactivatePerson,
  minutes,
  type PersonId,
  type Policy,
  person,
  type RequestId,
  type SlackAccount,
  seconds,
} from '@sallyport/core';
import { ALICE, BOB, byline, changed, DAN, withPerson } from '../builders.ts';
import { sha256Hashing } from '../fixed-clock.ts';
import { codeOf, useStore } from './kit.ts';
import type { MakeStoreWorld } from './store-world.ts';

const BY = byline({ door: 'oauth' });

/** Declares the tests of `SlackLinks` for a store. */
export function slackLinksContract(name: string, make: MakeStoreWorld): void {
  describe(`${name} keeps the contract of Slack links`, () => {
    const kit = useStore(make);
    const policy = unbound(kit.policy);
    beforeEach(() => kit.world().put(policy));
    let accounts = 0;
    const links = () => kit.world().slackLinks;
    const anAccount = (): SlackAccount => ({ team: 'T01TEST', user: `W01NEW${++accounts}` });
    const hash = (text: string): Digest => sha256Hashing.digestOf(`${name} ${text}`);

    async function offered(account: SlackAccount, text = `${account.user} ${accounts}`) {
      const made = { id: hash(text), account, claimedName: 'Wanda', confirmation: hash(`told ${text}`) };
      const offer = await links().offer(made, BY);
      if (!offer.ok) throw new Error('too many offers');
      return offer.value;
    }
    const confirms = (offer: { id: Digest; confirmation: Digest }, who: PersonId, confirmation = offer.confirmation) =>
      links().confirm(offer.id, { person: who, confirmation, linkId: kit.chance.linkId() }, BY);
    async function linked(account: SlackAccount, who: PersonId, text?: string) {
      const made = await confirms(await offered(account, text), who);
      if (!made.ok) throw new Error(made.error.code);
      return made.value;
    }
    const live = async (account: SlackAccount) => (await links().ofAccount(account))?.person;

    test('41: an offer is good once, for the account it was made for', async () => {
      const account = anAccount();
      const me = kit.member();
      const offer = await offered(account);
      expect(await links().findOffer(offer.id)).toMatchObject({ value: { account, claimedName: 'Wanda', misses: 0 } });
      expect(await confirms(offer, me.id)).toMatchObject({ ok: true, value: { account, person: me.id } });
      expect(codeOf(await confirms(offer, kit.member().id))).toBe('handle_unknown');
      expect(await live(account)).toBe(me.id);
      expect(await live({ ...account, team: 'T02OTHER' })).toBeUndefined();
      expect(await links().ofPeople([me.id, BOB.id])).toMatchObject([{ account }]);
      expect((await kit.world().audit()).map((row) => row.type)).toContain('slack.linked');
    });

    test('41: of many who confirm one offer at once, one is linked', async () => {
      const account = anAccount();
      const offer = await offered(account);
      const all = await Promise.all(Array.from({ length: 6 }, () => confirms(offer, kit.member().id)));
      expect(all.map(codeOf).toSorted()).toEqual([...Array(5).fill('handle_unknown'), 'ok']);
      expect(await live(account)).toBeDefined();
    });

    test('41: past its ten minutes an offer is expired, and one that was turned away is none', async () => {
      const old = await offered(anAccount());
      const declined = await offered(anAccount());
      expect(await links().decline(declined.id, BY)).toBe(true);
      expect(await links().decline(declined.id, BY)).toBe(false);
      expect(codeOf(await confirms(declined, kit.member().id))).toBe('handle_unknown');
      await kit.world().advance(LINK_OFFER_LIFE);
      expect(codeOf(await confirms(old, kit.member().id))).toBe('handle_expired');
      expect(await links().decline(old.id, BY)).toBe(false);
      expect(codeOf(await confirms({ id: hash('never'), confirmation: hash('x') }, BOB.id))).toBe('handle_unknown');
    });

    test('wrong codes are counted, and then the right one is of no use either', async () => {
      const account = anAccount();
      const offer = await offered(account);
      const me = kit.member().id;
      for (let miss = 0; miss < LINK_MISSES_MAX; miss += 1)
        expect(codeOf(await confirms(offer, me, hash(`guess ${miss}`)))).toBe('proof_rejected');
      expect(codeOf(await confirms(offer, me))).toBe('too_many');
      expect(await live(account)).toBeUndefined();
      const refused = (await kit.world().audit()).filter((row) => row.reasonCode === 'proof_rejected');
      expect(refused).toHaveLength(LINK_MISSES_MAX);
    });

    test('an account is handed so many offers and no more, until they are over', async () => {
      const account = anAccount();
      for (let count = 0; count < LINK_OFFERS_MAX; count += 1) await offered(account, `many ${count}`);
      const more = { id: hash('one more'), account, claimedName: '', confirmation: hash('told') };
      expect(await links().offer(more, BY)).toMatchObject({ ok: false, error: { code: 'too_many' } });
      await offered(anAccount());
      await kit.world().advance(LINK_OFFER_LIFE);
      expect(codeOf(await links().offer(more, BY))).toBe('ok');
    });

    test('41: a new link ends what account and person were linked to before, and each old account is owed the news', async () => {
      const [first, second] = [anAccount(), anAccount()];
      const [me, other] = [kit.member().id, kit.member().id];
      const mine = await linked(first, me);
      const theirs = await linked(second, other);
      await told();
      const now = await linked(second, me, 'taken over');
      expect([await live(first), await live(second)]).toEqual([undefined, me]);
      expect(await links().ofPeople([other])).toEqual([]);
      const news = await links().claimNews(50);
      expect(new Set(news.map(({ link, kind }) => `${kind} ${link.id}`))).toEqual(
        new Set([`relinked ${mine.id}`, `relinked ${theirs.id}`, `linked ${now.id}`]),
      );
      expect(news.find(({ link }) => link.id === mine.id)?.link.ended?.why).toBe('relinked');
      await told(news);
    });

    test('many who link one account at once, and one person many accounts: one link each is left', async () => {
      const account = anAccount();
      const me = kit.member().id;
      const offers = await Promise.all(Array.from({ length: 4 }, (_, at) => offered(account, `race ${at}`)));
      const results = await Promise.all([
        ...offers.map((offer) => confirms(offer, kit.member().id)),
        ...(await Promise.all([0, 1, 2].map((at) => offered(anAccount(), `mine ${at}`)))).map((one) =>
          confirms(one, me),
        ),
      ]);
      expect(results.map(codeOf)).toEqual(Array(7).fill('ok'));
      expect(await live(account)).toBeDefined();
      expect(await links().ofPeople([me])).toHaveLength(1);
      await told();
    });

    test('news that is taken and not told is taken again; told, or over, it is not', async () => {
      await told();
      const account = anAccount();
      const link = await linked(account, kit.member().id);
      expect(await links().claimNews(10)).toMatchObject([{ kind: 'linked', link: { id: link.id } }]);
      expect(await links().claimNews(10)).toEqual([]);
      await kit.world().advance(seconds(31));
      const again = await links().claimNews(10);
      expect(again).toHaveLength(1);
      await told(again);
      await kit.world().advance(minutes(1));
      expect(await links().claimNews(10)).toEqual([]);
      await linked(account, kit.member().id, 'unlinked before it was told');
      await links().end(account, 'unlinked', BY);
      expect((await links().claimNews(10)).map(({ kind }) => kind)).toEqual(['relinked']);
    });

    test('a link ends once, and only the one that was meant', async () => {
      const account = anAccount();
      const link = await linked(account, kit.member().id);
      expect(await links().end(account, 'unlinked', BY, kit.chance.linkId())).toBeUndefined();
      expect(await links().end(account, 'unlinked', BY, link.id)).toMatchObject({
        id: link.id,
        ended: { why: 'unlinked' },
      });
      expect(await links().end(account, 'unlinked', BY)).toBeUndefined();
      expect(await live(account)).toBeUndefined();
    });

    test('the policy’s own word is not overridden: a person it binds, and an account it binds, link nothing', async () => {
      expect(await confirms(await offered(anAccount()), ALICE.id)).toMatchObject({
        ok: false,
        error: { code: 'identity_rejected', why: 'bound_by_policy' },
      });
      const bobs = await offered({ team: 'T01TEST', user: 'U01BOB' });
      expect(await confirms(bobs, kit.member().id)).toMatchObject({ ok: false, error: { why: 'bound_by_policy' } });
      expect(await confirms(await offered(anAccount()), person('nobody@acme.test').id)).toMatchObject({
        ok: false,
        error: { why: 'not_in_directory' },
      });
    });

    test('who acts by an account acts as long as it is theirs: judged in the transaction that decides', async () => {
      const account = anAccount();
      const me = kit.member();
      const dba = withPerson(policy, me.id, { groups: ['dba'] });
      await kit.world().put(dba);
      const link = await linked(account, me.id);
      const by = byline({ door: 'slack', principal: me, account });
      const decide = async (acting = by) => {
        const { request } = await kit.open();
        return codeOf(await kit.world().ledger.transact(request.id, kit.decide({ person: me.id }), acting));
      };
      expect(await decide()).toBe('ok');
      expect(await decide({ ...by, account: anAccount() })).toBe('identity_rejected');
      await kit.world().put(boundElsewhere(dba, me.id));
      expect(await decide()).toBe('identity_rejected');
      await kit.world().put(dba);
      expect(await decide()).toBe('ok');
      await links().end(account, 'unlinked', BY, link.id);
      expect(await decide()).toBe('identity_rejected');
      const opening = kit.world().ledger.open(
        { subject: me, resource: policy.resources[0]?.id ?? ('orders-db' as never) },
        () => {
          throw new Error('judged although the account is nobody’s');
        },
        by,
      );
      expect(codeOf(await opening)).toBe('identity_rejected');
    });

    test('an account the policy binds acts as that person alone, and as nobody while two have it', async () => {
      const account = { team: 'T01TEST', user: 'U01BOB' };
      const by = byline({ door: 'slack', principal: BOB, account });
      const { request } = await kit.open();
      const decide = (acting = by) => kit.world().ledger.transact(request.id, kit.decide({ person: BOB.id }), acting);
      const me = kit.member();
      await kit.world().put(withPerson(policy, me.id, { slack: account }));
      expect(await decide()).toMatchObject({ ok: false, error: { code: 'identity_rejected', why: 'several_match' } });
      await kit.world().put(withPerson(policy, BOB.id, { slack: { team: 'T01TEST', user: 'U01BOB2' } }));
      expect(codeOf(await decide())).toBe('identity_rejected');
      await kit.world().put(policy);
      expect(codeOf(await decide())).toBe('ok');
    });

    test('21: a deactivated person: what they asked for is canceled, what they have is revoked, once; what they decided stands', async () => {
      const me = kit.member();
      const live = await kit.live({ subject: me, requester: me });
      const pending = await kit.open({ subject: me, requester: me });
      await kit.click(pending.request.id, { person: DAN.id });
      const others = await kit.open();
      await kit.world().put(withPerson(policy, me.id, { groups: ['dba'] }));
      await kit.click(others.request.id, { person: me.id });
      const deactivate = makeDeactivatePerson({ ledger: kit.world().ledger, hashing: sha256Hashing });
      const by = byline({ door: 'slack' });
      expect(await deactivate(me, by)).toEqual({ canceled: 1, revoked: 1 });
      expect(await deactivate(me, by)).toEqual({ canceled: 0, revoked: 0 });
      const find = async (id: RequestId) => (await kit.world().ledger.find(id))?.value;
      const because = 'account_deactivated';
      expect((await find(pending.request.id))?.request.status).toMatchObject({ state: 'canceled', by: me, because });
      expect((await find(live.value.request.id))?.grant?.status).toMatchObject({ state: 'revoked', by: me, because });
      expect((await find(pending.request.id))?.decisions).toMatchObject([{ person: DAN.id }]);
      expect(await find(others.request.id)).toMatchObject({
        request: { status: { state: 'pending' } },
        decisions: [{ person: me.id, verdict: 'approve' }],
      });
    });

    /** Clears what is owed. */
    async function told(news?: Awaited<ReturnType<ReturnType<typeof links>['claimNews']>>) {
      for (const one of news ?? (await links().claimNews(100))) await links().told(one);
    }
  });
}

/** The crowd without accounts: who links one is nobody before. Everybody else keeps what the policy says. */
function unbound(policy: Policy): Policy {
  const people = policy.people.map((entry) => {
    const { slack, ...others } = entry;
    return entry.id.startsWith('member-') ? others : entry;
  });
  return changed(policy, { people });
}

/** The policy comes to say that this person has another account. */
function boundElsewhere(policy: Policy, id: PersonId): Policy {
  return withPerson(policy, id, { slack: { team: 'T01TEST', user: 'U01ELSE' } });
}
