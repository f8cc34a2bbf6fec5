/** Owns the clearing away of what is past its lifetime and safe to lose: once-keys, replay keys, ended sessions, handles, devices, offers of links. */
import { type StoredRow, whole } from './row-values.ts';
import { statement } from './statement.ts';
import type { Store } from './store.ts';
import { transaction } from './transaction.ts';

/** A day after its end a handle is unknown to the use cases: what it gave stays in tokens and issuance_uses. */
const PASTS = {
  onceKeys: `delete from once_keys where ctid = any(array(select ctid from once_keys
    where expires_at < (select clock_timestamp()) limit $1))`,
  replayKeys: `delete from replay_keys where ctid = any(array(select ctid from replay_keys
    where expires_at < (select clock_timestamp()) limit $1))`,
  endedSessions: `delete from ended_sessions where ctid = any(array(select ctid from ended_sessions
    where ends_at < (select clock_timestamp()) limit $1))`,
  handles: `delete from handles where ctid = any(array(select ctid from handles
    where expires_at < (select clock_timestamp()) - interval '2 days' limit $1))`,
  devices: `delete from device_authorizations where ctid = any(array(select ctid from device_authorizations
    where expires_at < (select clock_timestamp()) - interval '2 days' limit $1))`,
  linkOffers: `delete from slack_link_offers where ctid = any(array(select ctid from slack_link_offers
    where expires_at < (select clock_timestamp()) - interval '2 days' limit $1))`,
} as const;

/** Deletes up to `limitMax` rows of each kind. Returns how many in all. */
export function prunePast({ pool }: Pick<Store, 'pool'>, limitMax: number): Promise<number> {
  return transaction(pool, async (tx) => {
    let gone = 0;
    for (const text of Object.values(PASTS)) {
      const [row] = await tx.rows<StoredRow>(
        statement(`with gone as (${text} returning 1) select count(*)::int as gone from gone`, [limitMax]),
      );
      gone += row === undefined ? 0 : whole(row, 'gone');
    }
    return gone;
  });
}
