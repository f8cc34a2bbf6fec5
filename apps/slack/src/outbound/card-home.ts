/** Owns where the card of a request lives: in its channel, else with its approvers, else in the fallback channel. Pure. */
import type { PersonId, SlackAccount } from '@sallyport/core';
import { approvers } from '../views/approvals.ts';
import { type Drawn, phaseOf } from '../views/phase.ts';
import { writableAccount } from './accounts.ts';
import { messageKey } from './message-key.ts';
import type { Places } from './places.ts';
import type { StoredMessage } from './stores.ts';

/** Without a channel every approver gets a card; there must be an end. */
export const CARD_MESSAGES_MAX = 50;

/** How whoever decides hears of a request. */
export type Asked = 'channel' | 'approvers' | 'fallback' | 'nobody';

export interface CardHome {
  readonly asked: Asked;
  /** The channel whose card is there, or goes there. */
  readonly channel?: string;
  /** A post into this channel may have been done before the card went elsewhere: looked for, never posted. */
  readonly sought?: string;
  /** The fallback channel, where the card is there or goes there. */
  readonly fallback?: string;
  /** The resource has a channel, and the card is not in it. */
  readonly missed: boolean;
}

/** What is known of channels now, without asking. */
export type CardPlaces = Pick<Places, 'reaches' | 'takesNew'>;

export interface HomeOptions {
  /** Teams whose accounts may be written to. */
  readonly teams: ReadonlySet<string>;
  /** Whose account is whose: at least the approvers'. */
  readonly accounts: ReadonlyMap<PersonId, SlackAccount>;
  /** What is in Slack already, or was begun. */
  readonly stored: readonly StoredMessage[];
  readonly places: CardPlaces;
}

/**
 * A card stays where it is. A new one goes to the resource's channel, unless that very channel refused it and it went
 * elsewhere: what comes back later gets no second card, but a channel the policy names since then gets one.
 */
export function cardHome(drawn: Drawn, options: HomeOptions): CardHome {
  const { stored, places } = options;
  const own = rowOf(stored, drawn, 'card');
  const target = own?.ts === undefined ? channelOf(drawn) : own.channel;
  const gone = own?.ts === undefined && own?.refusedBy === target && isElsewhere(stored);
  const open = target !== undefined && (own?.ts === undefined ? places.takesNew(target) : places.reaches(target));
  const channel = open && !gone ? target : undefined;
  const lost = own?.attemptedAt === undefined ? undefined : own.channel;
  const sought = channel === undefined && lost !== undefined && places.reaches(lost) ? lost : undefined;
  const unreached = channel === undefined && nobodyReached(drawn, options);
  const fallback = fallbackOf(drawn, options, unreached);
  return {
    asked: askedBy({ channel, fallback, unreached }),
    missed: channelOf(drawn) !== undefined && channel === undefined,
    ...(channel === undefined ? {} : { channel }),
    ...(sought === undefined ? {} : { sought }),
    ...(fallback === undefined ? {} : { fallback }),
  };
}

function askedBy(at: {
  readonly channel: string | undefined;
  readonly fallback: string | undefined;
  readonly unreached: boolean;
}): Asked {
  if (at.channel !== undefined) return 'channel';
  if (at.fallback !== undefined) return 'fallback';
  return at.unreached ? 'nobody' : 'approvers';
}

/** The channel of the resource, by the policy in force. */
export function channelOf({ case: c, at }: Drawn): string | undefined {
  return at.policy.resources.find((one) => one.id === c.request.access.resource)?.slackChannel;
}

/** Where the card stands that links and threads lead to: the channel's own, if it can be reached, else the fallback's. */
export function standingCard(
  stored: readonly StoredMessage[],
  drawn: Drawn,
  places: CardPlaces,
): { readonly channel: string; readonly ts: string } | undefined {
  for (const kind of ['card', 'fallback'] as const) {
    const row = rowOf(stored, drawn, kind);
    if (row?.channel !== undefined && row.ts !== undefined && places.reaches(row.channel)) {
      return { channel: row.channel, ts: row.ts };
    }
  }
  return undefined;
}

/** Somebody has it already: an approver by message, or the fallback channel. */
function isElsewhere(stored: readonly StoredMessage[]): boolean {
  return stored.some((one) => one.ts !== undefined && /^(approver|fallback):/.test(one.key));
}

/** Every approver was written to in vain, or nobody of them has an account. */
function nobodyReached(drawn: Drawn, { teams, accounts, stored }: HomeOptions): boolean {
  const { request } = drawn.case;
  const asked = approvers(drawn.at, request).slice(0, CARD_MESSAGES_MAX);
  return asked.every((id) => {
    if (writableAccount(accounts, id, teams) === undefined) return true;
    const row = stored.find((one) => one.key === messageKey({ kind: 'approver', request: request.id, rest: id }));
    return row !== undefined && row.ts === undefined && row.attemptedAt === undefined;
  });
}

function fallbackOf(drawn: Drawn, { stored, places }: HomeOptions, unreached: boolean): string | undefined {
  const row = rowOf(stored, drawn, 'fallback');
  const begun = row?.ts !== undefined || row?.attemptedAt !== undefined;
  const wanted = unreached && phaseOf(drawn) === 'pending' ? drawn.at.policy.slack?.fallbackChannel : undefined;
  if (begun) return row?.channel !== undefined && places.reaches(row.channel) ? row.channel : undefined;
  return wanted !== undefined && places.takesNew(wanted) ? wanted : undefined;
}

function rowOf(stored: readonly StoredMessage[], drawn: Drawn, kind: 'card' | 'fallback'): StoredMessage | undefined {
  return stored.find((one) => one.key === messageKey({ kind, request: drawn.case.request.id }));
}
