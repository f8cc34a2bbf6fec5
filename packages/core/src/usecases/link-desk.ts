/** linkDesk: a Slack account is offered a link, a person who signed in confirms it, and either takes it back. */
import { parseUserCode, type UserCode } from '../domain/device.ts';
import type { Digest, LinkId } from '../domain/ids.ts';
import type { PersonEntry } from '../domain/policy.ts';
import type { Person } from '../domain/principal.ts';
import type { Refusal, RefusalOf } from '../domain/refusal.ts';
import { err, ok, type Result } from '../domain/result.ts';
import { type LinkOffer, mayLink, openOffer, type SlackAccount, type SlackLink } from '../domain/slack-link.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Chance, Hashing } from '../ports/chance.ts';
import type { Ledger, Seen } from '../ports/ledger.ts';
import type { SlackLinks } from '../ports/slack-links.ts';

/** What the Slack account is handed: `code` for the address of the page, `confirmation` by direct message alone. */
export interface HandedLink {
  readonly code: string;
  readonly confirmation: UserCode;
  readonly offer: LinkOffer;
}

/** What a person who signed in is shown before anything happens. */
export interface OfferView {
  readonly offer: LinkOffer;
  readonly entry: PersonEntry;
  /** The account they linked before: that link would end. */
  readonly before?: SlackLink;
}

export interface LinkDesk {
  /** Refusal: too_many. `claimedName` is shown as what Slack says, and no more. */
  hand(account: SlackAccount, claimedName: string, by: Attribution): Promise<Result<HandedLink, RefusalOf<'too_many'>>>;
  /** Refusals: handle_unknown, handle_expired, too_many, identity_rejected (the policy says whose account it is, or whose they are). */
  look(code: string, person: Person, by: Attribution): Promise<Result<Seen<OfferView>, Refusal>>;
  /** Refusals: those of `look`, and proof_rejected when what was typed is not what the account was told. */
  confirm(code: string, typed: string, person: Person, by: Attribution): Promise<Result<SlackLink, Refusal>>;
  /** Nothing can come of the offer any more. */
  decline(code: string, by: Attribution): Promise<void>;
  /** The account a person linked, if the link lives. */
  linkOf(person: Person): Promise<SlackLink | undefined>;
  /** Ends the link of this account; `only`: if it is this one. Undefined when there is none. */
  unlink(account: SlackAccount, by: Attribution, only?: LinkId): Promise<SlackLink | undefined>;
}

export interface LinkDeskDeps {
  readonly links: SlackLinks;
  readonly ledger: Pick<Ledger, 'note'>;
  readonly chance: Pick<Chance, 'linkCode' | 'userCode' | 'linkId'>;
  readonly hashing: Pick<Hashing, 'digestOf'>;
}

const CODE = /^[A-Za-z0-9_-]{22}$/;

/** Builds the use case. Of both codes only hashes are kept; every refused attempt leaves one row. */
export function makeLinkDesk({ links, ledger, chance, hashing }: LinkDeskDeps): LinkDesk {
  // The second hash covers both codes: without the first one there is nothing to try 34 bits against.
  const confirmationOf = (code: string, confirmation: UserCode): Digest =>
    hashing.digestOf(`sallyport.link.v1 ${code} ${confirmation}`);
  const idOf = (code: string): Digest | undefined => (CODE.test(code) ? hashing.digestOf(code) : undefined);
  const noted = async (refusal: Refusal, by: Attribution): Promise<Result<never, Refusal>> => {
    await ledger.note({ refusal, by, attempted: 'link' });
    return err(refusal);
  };
  const linkOf = async (person: Person): Promise<SlackLink | undefined> => (await links.ofPeople([person.id]))[0];
  return {
    async hand(account, claimedName, by) {
      const code = chance.linkCode();
      const confirmation = chance.userCode();
      const made = {
        id: hashing.digestOf(code),
        account,
        claimedName,
        confirmation: confirmationOf(code, confirmation),
      };
      const offer = await links.offer(made, by);
      return offer.ok ? ok({ code, confirmation, offer: offer.value }) : offer;
    },
    async look(code, person, by) {
      const id = idOf(code);
      const seen = id === undefined ? undefined : await links.findOffer(id);
      if (seen === undefined) return noted({ code: 'handle_unknown' }, by);
      const open = openOffer(seen.value, seen.at.now);
      if (!open.ok) return noted(open.error, by);
      const may = mayLink(seen.at.policy, open.value.account, person.id);
      if (!may.ok) return noted(may.error, by);
      const before = await linkOf(person);
      const view = { offer: open.value, entry: may.value, ...(before === undefined ? {} : { before }) };
      return ok({ value: view, at: seen.at });
    },
    async confirm(code, typed, person, by) {
      const id = idOf(code);
      if (id === undefined) return noted({ code: 'handle_unknown' }, by);
      const read = parseUserCode(typed);
      const confirmation = read === undefined ? undefined : confirmationOf(code, read);
      return links.confirm(id, { person: person.id, confirmation, linkId: chance.linkId() }, by);
    },
    async decline(code, by) {
      const id = idOf(code);
      if (id !== undefined) await links.decline(id, by);
    },
    linkOf,
    unlink: (account, by, only) => links.end(account, 'unlinked', by, only),
  };
}
