/** Owns the rows of Slack links and their offers: read, checked, sealed before. */
import {
  isPrincipalId,
  type LinkOffer,
  type PersonId,
  parseDigest,
  parseLinkId,
  person,
  type SlackLink,
} from '@sallyport/core';
import type { RowMac } from './row-mac.ts';
import { flag, isNull, parsed, type StoredRow, text, time, whole, word } from './row-values.ts';
import { sealOf } from './rows.ts';
import type { Store } from './store.ts';

const LINK_ENDS = ['unlinked', 'relinked', 'deactivated'] as const;

/** Reads an offer. */
export function readOffer(row: StoredRow): LinkOffer {
  return {
    id: parsed(row, 'id', parseDigest),
    account: { team: text(row, 'team'), user: text(row, 'slack_user') },
    claimedName: text(row, 'claimed_name'),
    confirmation: parsed(row, 'confirmation', parseDigest),
    issuedAt: time(row, 'issued_at'),
    expiresAt: time(row, 'expires_at'),
    misses: whole(row, 'misses'),
    closed: flag(row, 'closed'),
  };
}

/** Reads a link; one that was changed behind the programs' back is a fault and an alarm. */
export function readLink(row: StoredRow, mac: RowMac): SlackLink {
  const link: SlackLink = {
    id: parsed(row, 'id', parseLinkId),
    account: { team: text(row, 'team'), user: text(row, 'slack_user') },
    person: parsed(row, 'person', personId),
    linkedAt: time(row, 'linked_at'),
    ...(isNull(row, 'ended_at') ? {} : { ended: { at: time(row, 'ended_at'), why: word(row, 'end_why', LINK_ENDS) } }),
  };
  mac.check('slack_links', link.id, link, sealOf(row));
  return link;
}

/** Likewise for a set: one bad row must not hold up the rest. */
export function linkOrSkip({ mac, pool }: Pick<Store, 'mac' | 'pool'>, row: StoredRow): readonly SlackLink[] {
  try {
    return [readLink(row, mac)];
  } catch (error) {
    pool.alarm({ event: 'row.skipped', why: error instanceof Error ? error.name : 'unknown' });
    return [];
  }
}

function personId(written: string): PersonId | undefined {
  return isPrincipalId(written) ? person(written).id : undefined;
}
