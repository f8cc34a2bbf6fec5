/** Owns the outbox: claimed, handed to the queue, done when the consumer says so; handed again until then. */
import {
  type EventType,
  type GrantId,
  type Instant,
  parseRequestId,
  type RequestId,
  type TokenId,
} from '@sallyport/core';
import { maybeText, maybeTime, parsed, type StoredRow, text, time, whole } from './row-values.ts';
import { type Statement, statement } from './statement.ts';
import type { Store } from './store.ts';
import { reading, transaction } from './transaction.ts';

/** One event on its way to the queue: ids, and a hint of when time will act. The consumer reads the case again. */
export interface OutboxRow {
  readonly id: number;
  /** The number of this handing, from 1: part of the job id `outbox-<id>-<try>`. */
  readonly try: number;
  readonly event: EventType;
  readonly requestId: RequestId;
  readonly caseVersion: number;
  readonly grantId?: GrantId;
  readonly jti?: TokenId;
  readonly at: Instant;
  /** When the request or grant it tells of will be over. */
  readonly dueAt?: Instant;
}

export interface OutboxState {
  /** Age of the oldest row that is not done; 0 when all are. */
  readonly oldestMs: number;
  readonly open: number;
  /** Rows handed five times or more and still not done. */
  readonly alarming: number;
}

export interface Outbox {
  /** Takes up to `limitMax` rows that are due, for five seconds: whoever claims hands them over or lets them go. */
  claim(limitMax: number): Promise<readonly OutboxRow[]>;
  /** These were added to the queue. If their consumers do not say done in time, they are claimed again under a new try. */
  handed(rows: readonly Pick<OutboxRow, 'id' | 'try'>[]): Promise<void>;
  /** The consumer did it. Again: nothing. */
  done(id: number): Promise<void>;
  /** The consumer could not: hand it again after this long (ms). */
  later(id: number, delayMs: number): Promise<void>;
  state(): Promise<OutboxState>;
  /** Deletes up to `limitMax` rows done longer ago than `keptMs`. Returns how many. */
  prune(keptMs: number, limitMax: number): Promise<number>;
}

const CLAIM_SECONDS = 5;
/** How long a consumer has before the row is handed again. */
const FIRST_WAIT_SECONDS = 30;
const BACKOFF_SECONDS_MAX = 300;
/** Reported as alarming from this try on. */
const ALARMING_TRIES = 5;

const CLAIM = `with due as (
    select id from outbox where done_at is null and next_at <= (select clock_timestamp())
    order by next_at, id limit $1 for update skip locked
  )
  update outbox o set next_at = clock_timestamp() + make_interval(secs => ${CLAIM_SECONDS})
  from due where o.id = due.id
  returning o.id, o.tries + 1 as try, o.event, o.request_id, o.case_version, o.grant_id, o.jti, o.at, o.due_at`;

/** The wait after the n-th handing: 30 s, then 30 s and 1, 2, 4, … more, up to five minutes. */
const HANDED = `update outbox o
  set tries = x.try, handed_at = clock_timestamp(),
      next_at = clock_timestamp() + make_interval(secs => case when x.try <= 1 then ${FIRST_WAIT_SECONDS}
        else least(${BACKOFF_SECONDS_MAX}, ${FIRST_WAIT_SECONDS} + power(2, least(x.try, 20) - 2)) end)
  from unnest($1::bigint[], $2::int[]) x (id, try)
  where o.id = x.id and o.tries < x.try`;

const STATE = `select count(*)::int as open,
    coalesce(extract(epoch from clock_timestamp() - min(at)) * 1000, 0)::bigint as oldest_ms,
    count(*) filter (where tries >= ${ALARMING_TRIES})::int as alarming
  from outbox where done_at is null`;

const PRUNE = `with past as (
    select id from outbox where done_at < clock_timestamp() - make_interval(secs => $1::double precision / 1000)
    order by done_at limit $2 for update skip locked
  ), gone as (delete from outbox o using past where o.id = past.id returning 1)
  select count(*)::int as gone from gone`;

/** The outbox over this store. */
export function makeOutbox({ pool }: Pick<Store, 'pool'>): Outbox {
  const write = <Row>(query: Statement<Row>) => transaction(pool, (tx) => tx.rows(query));
  return {
    claim: async (limitMax) => {
      const rows = await write(statement<StoredRow>(CLAIM, [limitMax], 'outbox_claim'));
      return rows.map(readRow).sort((a, b) => a.id - b.id);
    },
    handed: async (rows) => {
      if (rows.length === 0) return;
      await write(statement(HANDED, [rows.map((row) => row.id), rows.map((row) => row.try)]));
    },
    done: async (id) => {
      await write(statement('update outbox set done_at = clock_timestamp() where id = $1 and done_at is null', [id]));
    },
    later: async (id, delayMs) => {
      await write(
        statement(
          `update outbox set next_at = clock_timestamp() + make_interval(secs => $2::double precision / 1000)
           where id = $1 and done_at is null`,
          [id, delayMs],
        ),
      );
    },
    state: async () => {
      const [row] = await reading(pool, (connection) => connection.rows<StoredRow>(statement(STATE)));
      if (row === undefined) throw new Error('an aggregate answers one row');
      return { oldestMs: whole(row, 'oldest_ms'), open: whole(row, 'open'), alarming: whole(row, 'alarming') };
    },
    prune: async (keptMs, limitMax) => {
      const [row] = await write(statement<StoredRow>(PRUNE, [keptMs, limitMax]));
      return row === undefined ? 0 : whole(row, 'gone');
    },
  };
}

function readRow(row: StoredRow): OutboxRow {
  const grantId = maybeText(row, 'grant_id');
  const jti = maybeText(row, 'jti');
  const dueAt = maybeTime(row, 'due_at');
  return {
    id: whole(row, 'id'),
    try: whole(row, 'try'),
    event: text(row, 'event') as EventType,
    requestId: parsed(row, 'request_id', parseRequestId),
    caseVersion: whole(row, 'case_version'),
    ...(grantId === undefined ? {} : { grantId: grantId as GrantId }),
    ...(jti === undefined ? {} : { jti: jti as TokenId }),
    at: time(row, 'at'),
    ...(dueAt === undefined ? {} : { dueAt }),
  };
}
