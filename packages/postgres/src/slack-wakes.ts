/** Owns what time and requesters bring to a request in Slack: when it must be looked at again, and how often it was nudged. */
import { type Instant, parseRequestId, type RequestId } from '@sallyport/core';
import { flag, maybeTime, parsed, type StoredRow, time, whole } from './row-values.ts';
import { statement, timeText } from './statement.ts';
import type { Store } from './store.ts';
import { reading, transaction } from './transaction.ts';

export interface SlackWakes {
  /** Worked out at `seenAt`: a nudge since then is not forgotten. Undefined: time alone changes nothing any more. */
  set(id: RequestId, next: SlackWake | undefined, seenAt: Instant): Promise<void>;
  /** Those whose time has come, the most overdue first. They stay until they are set anew. */
  due(limitMax: number): Promise<readonly { readonly requestId: RequestId; readonly redraw: boolean }[]>;
}

export interface SlackWake {
  readonly at: Instant;
  /** What is shown becomes untrue then, though the case does not change. */
  readonly redraw: boolean;
}

export interface SlackNudges {
  /** Counts one more and wakes the request; within 15 minutes of the last: when the next one may come. */
  nudge(id: RequestId): Promise<{ readonly nudged: true } | { readonly nudged: false; readonly againAt: Instant }>;
  /** How many there were, and when the last; undefined: none. */
  ofRequest(id: RequestId): Promise<{ readonly count: number; readonly at: Instant } | undefined>;
}

const NUDGE_MINUTES = 15;

const NUDGED_SINCE = (seenAt: string): string =>
  `exists (select from slack_nudges n where n.request_id = $1 and n.nudged_at > ${seenAt})`;
const SET = `insert into slack_wakes (request_id, due_at, redraw)
  select $1, $2::timestamptz, $3::boolean where not ${NUDGED_SINCE('$4')}
  on conflict (request_id) do update set due_at = excluded.due_at, redraw = excluded.redraw`;
const CLEAR = `delete from slack_wakes where request_id = $1 and not ${NUDGED_SINCE('$2')}`;
const DUE = `select request_id, redraw from slack_wakes where due_at <= (select clock_timestamp()) order by due_at limit $1`;

/** One row or none: the upsert takes the row's lock, so of two at once one counts. The look it asks for is in the same transaction. */
const NUDGE = `insert into slack_nudges (request_id, nudges, nudged_at) values ($1, 1, clock_timestamp())
  on conflict (request_id) do update set nudges = slack_nudges.nudges + 1, nudged_at = clock_timestamp()
    where slack_nudges.nudged_at <= clock_timestamp() - make_interval(mins => ${NUDGE_MINUTES})
  returning request_id`;
const WAKE_NOW = `insert into slack_wakes (request_id, due_at) values ($1, clock_timestamp())
  on conflict (request_id) do update set due_at = least(slack_wakes.due_at, excluded.due_at)`;
const NUDGES = `select nudges, nudged_at, nudged_at + make_interval(mins => ${NUDGE_MINUTES}) as again_at
  from slack_nudges where request_id = $1`;

/** The wakes over this store. */
export function makeSlackWakes({ pool }: Pick<Store, 'pool'>): SlackWakes {
  return {
    set: async (id, next, seenAt) => {
      const seen = timeText(seenAt);
      const change =
        next === undefined ? statement(CLEAR, [id, seen]) : statement(SET, [id, timeText(next.at), next.redraw, seen]);
      await transaction(pool, (tx) => tx.rows(change));
    },
    due: async (limitMax) =>
      (await reading(pool, (connection) => connection.rows<StoredRow>(statement(DUE, [limitMax])))).map((row) => ({
        requestId: parsed(row, 'request_id', parseRequestId),
        redraw: flag(row, 'redraw'),
      })),
  };
}

/** The nudges over this store. */
export function makeSlackNudges({ pool }: Pick<Store, 'pool'>): SlackNudges {
  return {
    nudge: (id) =>
      transaction(pool, async (tx) => {
        const counted = await tx.rows(statement(NUDGE, [id]));
        if (counted.length > 0) {
          await tx.rows(statement(WAKE_NOW, [id]));
          return { nudged: true };
        }
        const [row] = await tx.rows<StoredRow>(statement(NUDGES, [id]));
        const againAt = row === undefined ? undefined : maybeTime(row, 'again_at');
        if (againAt === undefined) throw new Error('a nudge that was refused without an earlier one');
        return { nudged: false, againAt };
      }),
    ofRequest: async (id) => {
      const [row] = await reading(pool, (connection) => connection.rows<StoredRow>(statement(NUDGES, [id])));
      return row === undefined ? undefined : { count: whole(row, 'nudges'), at: time(row, 'nudged_at') };
    },
  };
}
