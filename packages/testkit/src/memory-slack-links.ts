/** Owns self-service links of Slack accounts in memory: the guarantees of the real ones, each write in one piece. */
import {
  type Attribution,
  actsAs,
  after,
  confirmOffer,
  err,
  LINK_OFFER_LIFE,
  LINK_OFFERS_MAX,
  type LinkEnd,
  type Moment,
  nameOf,
  ok,
  type Refusal,
  type Result,
  type SlackAccount,
  type SlackLink,
  type SlackLinks,
  sameAccount,
  seconds,
} from '@sallyport/core';
import { type LinkEvent, type MemoryStore, writeRefusal } from './memory-store.ts';

/** Links over these rows. */
export function memorySlackLinks(store: MemoryStore): SlackLinks {
  return { ...offers(store), ...links(store), ...news(store) };
}

/** Whether the account somebody acts by is still theirs; who acts by none is not asked. */
export function accountRefusal(store: MemoryStore, by: Attribution, { policy }: Moment): Refusal | undefined {
  if (by.account === undefined) return undefined;
  const acts = actsAs(policy, by.account, by.principal, liveLink(store, by.account));
  return acts.ok ? undefined : acts.error;
}

function offers(store: MemoryStore): Pick<SlackLinks, 'offer' | 'findOffer' | 'confirm' | 'decline'> {
  return {
    offer: async (made, by) => {
      await store.turn('slackLinks.offer');
      const { now } = store.moment();
      const handed = [...store.linkOffers.values()].filter(
        (one) => sameAccount(one.account, made.account) && now < one.expiresAt,
      );
      if (handed.length >= LINK_OFFERS_MAX) {
        const soonest = Math.min(...handed.map((one) => one.expiresAt));
        const refusal = { code: 'too_many', retryAfterSeconds: Math.ceil((soonest - now) / 1_000) } as const;
        writeRefusal(store, refusal, by);
        return err(refusal);
      }
      const offer = { ...made, issuedAt: now, expiresAt: after(now, LINK_OFFER_LIFE), misses: 0, closed: false };
      store.linkOffers.set(made.id, offer);
      return ok(offer);
    },
    findOffer: async (id) => {
      await store.turn('slackLinks.findOffer');
      const value = store.linkOffers.get(id);
      return value === undefined ? undefined : { value, at: store.moment() };
    },
    confirm: async (id, confirming, by) => {
      await store.turn('slackLinks.confirm');
      const result = confirmNow(store, id, confirming, by);
      if (!result.ok) writeRefusal(store, result.error, by);
      return result;
    },
    decline: async (id, by) => {
      await store.turn('slackLinks.decline');
      const offer = store.linkOffers.get(id);
      if (offer === undefined || offer.closed || store.moment().now >= offer.expiresAt) return false;
      store.linkOffers.set(id, { ...offer, closed: true });
      write(store, 'slack.link_declined', by);
      return true;
    },
  };
}

function links(store: MemoryStore): Pick<SlackLinks, 'ofAccount' | 'ofPeople' | 'end'> {
  return {
    ofAccount: async (account) => {
      await store.turn('slackLinks.ofAccount');
      return liveLink(store, account);
    },
    ofPeople: async (ids) => {
      await store.turn('slackLinks.ofPeople');
      return liveLinks(store).filter((link) => ids.includes(link.person));
    },
    end: async (account, why, by, only) => {
      await store.turn('slackLinks.end');
      const link = liveLink(store, account);
      if (link === undefined || (only !== undefined && link.id !== only)) return undefined;
      return endNow(store, link, why, by);
    },
  };
}

function news(store: MemoryStore): Pick<SlackLinks, 'claimNews' | 'told'> {
  return {
    claimNews: async (limitMax) => {
      await store.turn('slackLinks.claimNews');
      const { now } = store.moment();
      const due = [...store.links.values()].filter((one) => one.news !== undefined && one.news.from <= now);
      return due.slice(0, limitMax).flatMap(({ link, news: owed }) => {
        if (owed === undefined) return [];
        store.links.set(link.id, { link, news: { ...owed, from: after(now, seconds(30)) } });
        return [{ link, kind: owed.kind }];
      });
    },
    told: async ({ link: { id }, kind }) => {
      await store.turn('slackLinks.told');
      const stored = store.links.get(id);
      if (stored?.news?.kind === kind) store.links.set(id, { link: stored.link });
    },
  };
}

function confirmNow(
  store: MemoryStore,
  id: Parameters<SlackLinks['confirm']>[0],
  { person, confirmation, linkId }: Parameters<SlackLinks['confirm']>[1],
  by: Attribution,
): Result<SlackLink, Refusal> {
  const at = store.moment();
  const offer = store.linkOffers.get(id);
  const judged = confirmOffer(offer, { person, confirmation }, at);
  if (!judged.ok) {
    if (judged.error.code === 'proof_rejected' && offer !== undefined)
      store.linkOffers.set(id, { ...offer, misses: offer.misses + 1 });
    return judged;
  }
  const { account } = judged.value;
  store.linkOffers.set(id, { ...judged.value, closed: true });
  const before = liveLinks(store).filter((link) => link.person === person || sameAccount(link.account, account));
  for (const link of before) endNow(store, link, 'relinked', by);
  const made: SlackLink = { id: linkId, account, person, linkedAt: at.now };
  store.links.set(linkId, { link: made, news: { kind: 'linked', from: at.now } });
  write(store, 'slack.linked', by);
  return ok(made);
}

function endNow(store: MemoryStore, link: SlackLink, why: LinkEnd, by: Attribution): SlackLink {
  const { now } = store.moment();
  const ended = { ...link, ended: { at: now, why } };
  const owed = why === 'relinked' ? { news: { kind: why, from: now } as const } : {};
  store.links.set(link.id, { link: ended, ...owed });
  write(store, 'slack.unlinked', by);
  return ended;
}

function liveLinks(store: MemoryStore): readonly SlackLink[] {
  return [...store.links.values()].map((one) => one.link).filter((link) => link.ended === undefined);
}

function liveLink(store: MemoryStore, account: SlackAccount): SlackLink | undefined {
  return liveLinks(store).find((link) => sameAccount(link.account, account));
}

function write(store: MemoryStore, type: LinkEvent, by: Attribution): void {
  const actor = by.principal === undefined ? {} : { actor: nameOf(by.principal) };
  store.audit.push({ at: store.moment().now, type, by, ...actor });
}
