/** Owns what is known of our messages in Slack: where they are, which version they show, and who is redrawing them now. */
import { randomUUID } from 'node:crypto';
import { type Instant, parseRequestId, type RequestId } from '@sallyport/core';
import { maybeText, maybeTime, parsed, type StoredRow, text, whole } from './row-values.ts';
import { build, built, statement } from './statement.ts';
import type { Store } from './store.ts';
import { reading, transaction } from './transaction.ts';

/** One message that follows a case. */
export interface SlackMessage {
  /** The card of a request; the DM of request and person; the thread line of an event. */
  readonly key: string;
  readonly requestId: RequestId;
  readonly channel?: string;
  readonly ts?: string;
  /** The case's version it shows; 0: none yet. */
  readonly shownVersion: number;
  /** A post was begun then, and its answer is not known if `ts` is missing. */
  readonly attemptedAt?: Instant;
  /** The channel that took no card of this request, when there was none yet. */
  readonly refusedBy?: string;
}

/** A message claimed for redrawing. */
export interface SlackClaim {
  readonly message: SlackMessage;
  /** The claim's name: what is stored under an older claim is refused. */
  readonly claim: string;
}

/** What is kept of a message after Slack answered. */
export interface Shown {
  readonly channel: string;
  readonly ts: string;
  readonly version: number;
}

export interface SlackMessages {
  find(key: string): Promise<SlackMessage | undefined>;
  ofRequest(id: RequestId): Promise<readonly SlackMessage[]>;
  /** The message at this place: a click counts only from a stored one. */
  at(channel: string, ts: string): Promise<SlackMessage | undefined>;
  /** Takes the message for 30 s, making its row if needed; undefined while somebody else has it. */
  claim(key: string, requestId: RequestId): Promise<SlackClaim | undefined>;
  /** A post into this channel is about to be sent: until `shown`, its answer counts as lost. False: the claim was lost. */
  attempting(claim: SlackClaim, channel: string): Promise<boolean>;
  /** Stores where it is and what it shows, the version only upwards, and lets it go. False: the claim was lost. */
  shown(claim: SlackClaim, shown: Shown): Promise<boolean>;
  /** The message is not there any more (`message_not_found`): the next drawing posts anew. */
  forget(claim: SlackClaim): Promise<void>;
  /** Lets it go without having shown anything. */
  release(claim: SlackClaim): Promise<void>;
  /** This channel takes no such message: kept, and lets it go. */
  refused(claim: SlackClaim, channel: string): Promise<void>;
  /** Takes the channel's next second: 0, or how many ms to wait before asking again. */
  slot(channel: string): Promise<number>;
  /** No post into this channel for so long (ms): a 429 said so. */
  hold(channel: string, forMs: number): Promise<void>;
  /** Cards and messages that follow a case and show less than its version, from the oldest request after this one on. */
  lagging(after: RequestId | undefined, limitMax: number): Promise<readonly SlackMessage[]>;
}

const LEASE_SECONDS = 30;
/** A little more than the second Slack gives: what leaves us a second apart may arrive closer together. */
const SLOT_SECONDS = 1.1;

const CLAIM = `insert into slack_messages (key, request_id, claimed_until, claim)
  values ($1, $2, clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}), $3)
  on conflict (key) do update set claimed_until = excluded.claimed_until, claim = excluded.claim
    where slack_messages.claimed_until is null or slack_messages.claimed_until <= clock_timestamp()
  returning *`;

const ATTEMPTING = `update slack_messages set attempted_at = clock_timestamp(), channel = $3, ts = null
  where key = $1 and claim = $2 returning key`;

const SHOWN = `update slack_messages
  set channel = $3, ts = $4, shown_version = greatest(shown_version, $5), attempted_at = null, claimed_until = null, claim = null
  where key = $1 and claim = $2 returning key`;

const FORGET = `update slack_messages
  set ts = null, shown_version = 0, attempted_at = null, claimed_until = null, claim = null where key = $1 and claim = $2`;

const RELEASE = 'update slack_messages set claimed_until = null, claim = null where key = $1 and claim = $2';

/** The channel's row is locked by the upsert: of many at once, one a second gets 0. */
const SLOT = `with open as (
    insert into slack_channels (channel, not_before) values ($1, clock_timestamp() + make_interval(secs => ${SLOT_SECONDS}))
    on conflict (channel) do update set not_before = excluded.not_before
      where slack_channels.not_before <= clock_timestamp()
    returning 1
  )
  select case when exists (select from open) then 0
    else greatest(1, ceil(extract(epoch from not_before - clock_timestamp()) * 1000))::int end as wait_ms
  from (select 1) one left join slack_channels on channel = $1`;

const HOLD = `insert into slack_channels (channel, not_before)
  values ($1, clock_timestamp() + make_interval(secs => $2::double precision / 1000))
  on conflict (channel) do update set not_before = greatest(slack_channels.not_before, excluded.not_before)`;

const REFUSED =
  'update slack_messages set refused_by = $3, claimed_until = null, claim = null where key = $1 and claim = $2';

/**
 * What is there (or was begun) and follows its case; and a card not posted yet, unless it went elsewhere. What is said
 * once, or counts by itself, does not lag.
 */
const LAGGING = `select m.* from slack_messages m join requests r on r.id = m.request_id
  where m.shown_version < r.version and (m.claimed_until is null or m.claimed_until <= (select clock_timestamp()))
    and r.ord > coalesce((select ord from requests where id = $2), 0)
    and (
      (m.key ~ '^(card|fallback|approver|first):' and (m.ts is not null or m.attempted_at is not null))
      or (m.key ~ '^card:' and m.ts is null and (m.refused_by is null or not exists (
        select from slack_messages e where e.request_id = m.request_id and e.ts is not null and e.key ~ '^(approver|fallback):'
      )))
    )
  order by r.ord limit $1`;

/** The messages over this store. */
export function makeSlackMessages({ pool }: Pick<Store, 'pool'>): SlackMessages {
  const write = (text: string, values: readonly unknown[]) =>
    transaction(pool, (tx) => tx.rows(statement<StoredRow>(text, values)));
  const table = build.selectFrom('slack_messages').selectAll();
  const list = async (query: typeof table): Promise<readonly SlackMessage[]> =>
    (await reading(pool, (connection) => connection.rows<StoredRow>(built(query)))).map(readMessage);
  return {
    find: async (key) => (await list(table.where('key', '=', key)))[0],
    at: async (channel, ts) => (await list(table.where('channel', '=', channel).where('ts', '=', ts)))[0],
    ofRequest: (id) => list(table.where('request_id', '=', id).orderBy('key')),
    claim: async (key, requestId) => {
      const claim = randomUUID();
      const [row] = await write(CLAIM, [key, requestId, claim]);
      return row === undefined ? undefined : { message: readMessage(row), claim };
    },
    attempting: async ({ message, claim }, channel) =>
      (await write(ATTEMPTING, [message.key, claim, channel])).length > 0,
    shown: async ({ message, claim }, { channel, ts, version }) =>
      (await write(SHOWN, [message.key, claim, channel, ts, version])).length > 0,
    forget: async ({ message, claim }) => {
      await write(FORGET, [message.key, claim]);
    },
    release: async ({ message, claim }) => {
      await write(RELEASE, [message.key, claim]);
    },
    refused: async ({ message, claim }, channel) => {
      await write(REFUSED, [message.key, claim, channel]);
    },
    slot: async (channel) => {
      const [row] = await write(SLOT, [channel]);
      return row === undefined ? 0 : whole(row, 'wait_ms');
    },
    hold: async (channel, forMs) => {
      await write(HOLD, [channel, forMs]);
    },
    lagging: async (after, limitMax) =>
      (
        await reading(pool, (connection) => connection.rows<StoredRow>(statement(LAGGING, [limitMax, after ?? null])))
      ).map(readMessage),
  };
}

function readMessage(row: StoredRow): SlackMessage {
  const channel = maybeText(row, 'channel');
  const ts = maybeText(row, 'ts');
  const attemptedAt = maybeTime(row, 'attempted_at');
  const refusedBy = maybeText(row, 'refused_by');
  return {
    key: text(row, 'key'),
    requestId: parsed(row, 'request_id', parseRequestId),
    ...(channel === undefined ? {} : { channel }),
    ...(ts === undefined ? {} : { ts }),
    shownVersion: whole(row, 'shown_version'),
    ...(attemptedAt === undefined ? {} : { attemptedAt }),
    ...(refusedBy === undefined ? {} : { refusedBy }),
  };
}
