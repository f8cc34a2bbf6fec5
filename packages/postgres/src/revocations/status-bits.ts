/** Owns the bits of tokens in the status lists: taken from Postgres in blocks, handed out in random order, so that none costs a round trip. */
import { randomInt } from 'node:crypto';
import { type EndedBits, type StatusBits, statusAt, type TokenStatus } from '@sallyport/core';
import { nowOf } from '../moments.ts';
import { type StoredRow, whole, wholes } from '../row-values.ts';
import { statement } from '../statement.ts';
import type { Store } from '../store.ts';
import { reading } from '../transaction.ts';
import { ENDING, SINCE, STILL } from './ending.ts';

/** Bits of one block. A list holds a whole number of blocks. */
const BLOCK = 1_024;
/** The next block is fetched when so few are left: long before anybody would wait for it. */
const LOW = 256;

/** A value a sequence gave is never given again, whatever becomes of the transaction. */
const TAKE_BLOCK = `select nextval('token_status_blocks') as block`;

/** Which lists there are, and the bits of tokens that ended before their time, while that time is not over. */
const LOOK = `with ended as (
    select type, grant_id, jti from audit where ${ENDING} and at > ${SINCE}
  ), bits as (
    select t.status from ended e join tokens t on t.jti = e.jti where t.expires_at > ${STILL}
    union
    select t.status from ended e join tokens t on t.grant_id = e.grant_id
    where e.type = 'grant.revoked' and t.expires_at > ${STILL}
  )
  select date_trunc('milliseconds', clock_timestamp()) as now,
    (select case when is_called then last_value + 1 else 0 end from token_status_blocks) as blocks,
    (select coalesce(json_agg(status), '[]'::json) from bits where status is not null) as ended`;

export interface WarmStatusBits extends StatusBits {
  /** Fetches the first block. A store that is away now is asked again with the first token. */
  warm(): Promise<void>;
}

/** The bits this process hands out. What it does not use is never used. */
export function makeStatusBits({ pool }: Pick<Store, 'pool'>): WarmStatusBits {
  let bits: TokenStatus[] = [];
  let fetching: Promise<void> | undefined;

  function fetchBlock(): Promise<void> {
    fetching ??= takeBlock(pool)
      .then((block) => {
        bits = [...shuffled(block), ...bits];
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  }

  return {
    warm: () => fetchBlock().catch(() => undefined),
    async take() {
      for (;;) {
        const bit = bits.pop();
        if (bits.length < LOW) {
          const fetched = fetchBlock();
          if (bit === undefined) await fetched;
          else fetched.catch(() => undefined);
        }
        if (bit !== undefined) return bit;
      }
    },
  };
}

async function takeBlock(pool: Store['pool']): Promise<readonly TokenStatus[]> {
  const [row] = await reading(pool, (connection) => connection.rows<StoredRow>(statement(TAKE_BLOCK)));
  if (row === undefined) throw new Error('a select without from answers one row');
  const first = whole(row, 'block') * BLOCK;
  return Array.from({ length: BLOCK }, (_, index) => statusAt(first + index));
}

/** In random order: who sees two bits shall not see which token came first. */
function shuffled(bits: readonly TokenStatus[]): readonly TokenStatus[] {
  const left = [...bits];
  return bits.map(() => {
    const at = randomInt(left.length);
    const [picked] = left.splice(at, 1);
    if (picked === undefined) throw new Error('as many are left as are asked for');
    return picked;
  });
}

/** Which bits are over. Read as a set, without the MACs of tokens and grants: see docs/adr/0013. */
export function makeEndedBits({ pool }: Pick<Store, 'pool'>): EndedBits {
  return {
    look: async () => {
      const [row] = await reading(pool, (connection) => connection.rows<StoredRow>(statement(LOOK, [], 'status_look')));
      if (row === undefined) throw new Error('a select without from answers one row');
      const blocks = whole(row, 'blocks');
      return {
        at: nowOf(row),
        lists: blocks === 0 ? 0 : statusAt(blocks * BLOCK - 1).list + 1,
        ended: wholes(row, 'ended').map(statusAt),
      };
    },
  };
}
