/** Owns the places of tokens in the status lists: taken from Postgres in blocks, handed out in random order, so that none costs a round trip. */
import { randomInt } from 'node:crypto';
import { type EndedPlaces, type StatusPlaces, statusAt, type TokenStatus } from '@sallyport/core';
import { nowOf } from '../moments.ts';
import { type StoredRow, whole, wholes } from '../row-values.ts';
import { statement } from '../statement.ts';
import type { Store } from '../store.ts';
import { reading } from '../transaction.ts';
import { ENDING, SINCE, STILL } from './ending.ts';

/** Places of one block. A list holds a whole number of blocks. */
const BLOCK = 1_024;
/** The next block is fetched when so few are left: long before anybody would wait for it. */
const LOW = 256;

/** A value a sequence gave is never given again, whatever becomes of the transaction. */
const TAKE_BLOCK = `select nextval('token_status_blocks') as block`;

/** Which lists there are, and the places of tokens that ended before their time, while that time is not over. */
const LOOK = `with ended as (
    select type, grant_id, jti from audit where ${ENDING} and at > ${SINCE}
  ), places as (
    select t.status from ended e join tokens t on t.jti = e.jti where t.expires_at > ${STILL}
    union
    select t.status from ended e join tokens t on t.grant_id = e.grant_id
    where e.type = 'grant.revoked' and t.expires_at > ${STILL}
  )
  select date_trunc('milliseconds', clock_timestamp()) as now,
    (select case when is_called then last_value + 1 else 0 end from token_status_blocks) as blocks,
    (select coalesce(json_agg(status), '[]'::json) from places where status is not null) as ended`;

export interface WarmStatusPlaces extends StatusPlaces {
  /** Fetches the first block. A store that is away now is asked again with the first token. */
  warm(): Promise<void>;
}

/** The places this process hands out. What it does not use is never used. */
export function makeStatusPlaces({ pool }: Pick<Store, 'pool'>): WarmStatusPlaces {
  let places: TokenStatus[] = [];
  let fetching: Promise<void> | undefined;

  function fetchBlock(): Promise<void> {
    fetching ??= takeBlock(pool)
      .then((block) => {
        places = [...shuffled(block), ...places];
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
        const place = places.pop();
        if (places.length < LOW) {
          const fetched = fetchBlock();
          if (place === undefined) await fetched;
          else fetched.catch(() => undefined);
        }
        if (place !== undefined) return place;
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

/** In random order: who sees two places shall not see which token came first. */
function shuffled(places: readonly TokenStatus[]): readonly TokenStatus[] {
  const left = [...places];
  return places.map(() => {
    const at = randomInt(left.length);
    const [picked] = left.splice(at, 1);
    if (picked === undefined) throw new Error('as many are left as are asked for');
    return picked;
  });
}

/** Which places are over. Read as a set, without the MACs of tokens and grants: see docs/adr/0011. */
export function makeEndedPlaces({ pool }: Pick<Store, 'pool'>): EndedPlaces {
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
