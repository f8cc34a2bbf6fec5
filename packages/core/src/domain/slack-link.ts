/** SlackLink: which person a Slack account is, by the policy or by a link its owner made; and the offer such a link comes of. Pure. */
import type { IdentityProblem } from './identity.ts';
import type { Digest, LinkId } from './ids.ts';
import { type Duration, type Instant, minutes } from './instant.ts';
import { allBy } from './lookup.ts';
import type { Moment } from './moment.ts';
import { type PersonEntry, type Policy, personById } from './policy.ts';
import type { PersonId, Principal } from './principal.ts';
import type { Refusal } from './refusal.ts';
import { err, ok, type Result } from './result.ts';

/** A Slack account: never the user id alone. Both are opaque, whatever letter they begin with. */
export interface SlackAccount {
  readonly team: string;
  readonly user: string;
}

/** Why a link ended: taken back, another one took its place, or Slack said that the account is deactivated. */
export type LinkEnd = 'unlinked' | 'relinked' | 'deactivated';

/** What a person made of their own: this account is me. At most one lives for an account, and one for a person. */
export interface SlackLink {
  readonly id: LinkId;
  readonly account: SlackAccount;
  readonly person: PersonId;
  readonly linkedAt: Instant;
  /** Absent while it lives. */
  readonly ended?: { readonly at: Instant; readonly why: LinkEnd };
}

/** A link handed to one Slack account, until a person signs in and confirms it. */
export interface LinkOffer {
  /** SHA-256 of the code in the address. */
  readonly id: Digest;
  readonly account: SlackAccount;
  /** What Slack calls the account: its owner may have chosen it freely. */
  readonly claimedName: string;
  /** SHA-256 of the code in the address and of the one the account was told by direct message. */
  readonly confirmation: Digest;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  /** How often a wrong confirmation was typed. */
  readonly misses: number;
  /** Used, or turned away. */
  readonly closed: boolean;
}

export const LINK_OFFER_LIFE: Duration = minutes(10);
/** Wrong confirmations, of 34 bits each, before an offer is dead. */
export const LINK_MISSES_MAX = 5;
/** Offers handed to one account within the life of one. */
export const LINK_OFFERS_MAX = 5;

const boundAccounts = allBy(({ slack }: PersonEntry) => (slack === undefined ? undefined : keyOf(slack)));

function keyOf({ team, user }: SlackAccount): string {
  return JSON.stringify([team, user]);
}

/** Whether two accounts are the same one. */
export function sameAccount(a: SlackAccount, b: SlackAccount): boolean {
  return a.team === b.team && a.user === b.user;
}

/** Whether the policy itself says whose account this is, also if they are disabled. */
export function isBoundByPolicy(policy: Policy, account: SlackAccount): boolean {
  return boundAccounts(policy.people, keyOf(account)).length > 0;
}

/**
 * The one person of a Slack account. The policy's own word wins over a link, about the account and about the person;
 * two people for one account are nobody.
 */
export function personOfAccount(
  policy: Policy,
  account: SlackAccount,
  link: SlackLink | undefined,
): Result<PersonId, IdentityProblem> {
  const [bound, ...others] = boundAccounts(policy.people, keyOf(account));
  if (others.length > 0) return err('several_match');
  if (bound !== undefined) return bound.enabled ? ok(bound.id) : err('not_in_directory');
  if (link === undefined || link.ended !== undefined || !sameAccount(link.account, account)) {
    return err('nobody_matches');
  }
  const entry = personById(policy, link.person);
  if (entry === undefined) return err('not_in_directory');
  return entry.slack === undefined ? ok(entry.id) : err('nobody_matches');
}

/** The one Slack account of a person, by the same rules; undefined: they cannot be written to in Slack. */
export function accountOfPerson(policy: Policy, id: PersonId, link: SlackLink | undefined): SlackAccount | undefined {
  const account = personById(policy, id)?.slack ?? (link?.person === id ? link.account : undefined);
  if (account === undefined) return undefined;
  const owner = personOfAccount(policy, account, link);
  return owner.ok && owner.value === id ? account : undefined;
}

/** Whether an account is the person it acts as, by the policy and link just read. Refusal: identity_rejected. */
export function actsAs(
  policy: Policy,
  account: SlackAccount,
  who: Principal | undefined,
  link: SlackLink | undefined,
): Result<void, Refusal> {
  const owner = personOfAccount(policy, account, link);
  if (!owner.ok) return err({ code: 'identity_rejected', why: owner.error });
  const same = who?.kind === 'person' && who.id === owner.value;
  return same ? ok(undefined) : err({ code: 'identity_rejected', why: 'nobody_matches' });
}

/** Whether an offer can still be confirmed. Refusals: handle_unknown (used, turned away), handle_expired, too_many (wrong codes). */
export function openOffer(offer: LinkOffer | undefined, now: Instant): Result<LinkOffer, Refusal> {
  if (offer === undefined || offer.closed) return err({ code: 'handle_unknown' });
  if (now >= offer.expiresAt) return err({ code: 'handle_expired' });
  if (offer.misses < LINK_MISSES_MAX) return ok(offer);
  return err({ code: 'too_many', retryAfterSeconds: Math.ceil((offer.expiresAt - now) / 1_000) });
}

/** Whether this account and this person may be linked by themselves. Refusals: identity_rejected. */
export function mayLink(policy: Policy, account: SlackAccount, id: PersonId): Result<PersonEntry, Refusal> {
  const entry = personById(policy, id);
  if (entry === undefined) return err({ code: 'identity_rejected', why: 'not_in_directory' });
  if (entry.slack !== undefined || isBoundByPolicy(policy, account))
    return err({ code: 'identity_rejected', why: 'bound_by_policy' });
  return ok(entry);
}

/**
 * Judges a confirmation. Refusals: those of `openOffer` and `mayLink`, and proof_rejected for a wrong code, which counts
 * as a miss. An offer that could never be confirmed says so before any code is looked at.
 */
export function confirmOffer(
  offer: LinkOffer | undefined,
  given: { readonly person: PersonId; readonly confirmation: Digest | undefined },
  { now, policy }: Moment,
): Result<LinkOffer, Refusal> {
  const open = openOffer(offer, now);
  if (!open.ok) return open;
  const may = mayLink(policy, open.value.account, given.person);
  if (!may.ok) return may;
  return given.confirmation === open.value.confirmation
    ? open
    : err({ code: 'proof_rejected', why: 'the confirmation code is another' });
}
