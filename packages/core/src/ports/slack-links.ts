/** SlackLinks: which Slack account is whose by its owner's own act, and the offers such links come of. */
import type { Digest, LinkId } from '../domain/ids.ts';
import type { PersonId } from '../domain/principal.ts';
import type { Refusal, RefusalOf } from '../domain/refusal.ts';
import type { Result } from '../domain/result.ts';
import type { LinkEnd, LinkOffer, SlackAccount, SlackLink } from '../domain/slack-link.ts';
import type { Attribution } from './attribution.ts';
import type { Seen } from './ledger.ts';

/** What an offer is made of; its times are the store's. */
export type NewLinkOffer = Pick<LinkOffer, 'id' | 'account' | 'claimedName' | 'confirmation'>;

/** Who confirms, with what, and the id of the link it would become. */
export interface Confirming {
  readonly person: PersonId;
  /** Absent: what was typed cannot be a code. */
  readonly confirmation: Digest | undefined;
  readonly linkId: LinkId;
}

/** A message a Slack account is owed: that it was linked, or that its link gave way to another. */
export interface LinkNews {
  readonly link: SlackLink;
  readonly kind: 'linked' | 'relinked';
}

export interface SlackLinks {
  /** Keeps an offer for LINK_OFFER_LIFE. Refusal: too_many, when this account was handed LINK_OFFERS_MAX within that time. */
  offer(offer: NewLinkOffer, by: Attribution): Promise<Result<LinkOffer, RefusalOf<'too_many'>>>;
  findOffer(id: Digest): Promise<Seen<LinkOffer> | undefined>;
  /**
   * Judges by `confirmOffer` under a lock all confirmations share, by the store's clock and the policy in force; on a yes
   * uses up the offer, ends what the account and the person were linked to before, and makes the link. A wrong code is
   * counted. Every refusal leaves one row of the attempt.
   */
  confirm(id: Digest, confirming: Confirming, by: Attribution): Promise<Result<SlackLink, Refusal>>;
  /** Turns an open offer away. False when there is none. */
  decline(id: Digest, by: Attribution): Promise<boolean>;
  /** The link of this account that lives. */
  ofAccount(account: SlackAccount): Promise<SlackLink | undefined>;
  /** Those of these people that live. */
  ofPeople(ids: readonly PersonId[]): Promise<readonly SlackLink[]>;
  /** Ends the link of this account; `only`: if it is this one. Undefined when there is none that lives. */
  end(
    account: SlackAccount,
    why: Exclude<LinkEnd, 'relinked'>,
    by: Attribution,
    only?: LinkId,
  ): Promise<SlackLink | undefined>;
  /** Takes up to `limitMax` messages that are owed, oldest first, for 30 s: what is not said to be told by then is taken again. */
  claimNews(limitMax: number): Promise<readonly LinkNews[]>;
  /** It was said, or cannot be. Again: nothing. */
  told(news: LinkNews): Promise<void>;
}
