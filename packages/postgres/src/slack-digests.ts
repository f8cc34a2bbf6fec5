/** Owns which message lists a requester's many pending requests in a channel, and how new what it shows is. */
import { nameOf, type Principal, parseRequestId, type RequestId } from '@sallyport/core';
import { parsed, type StoredRow, whole } from './row-values.ts';
import { statement } from './statement.ts';
import type { Store } from './store.ts';
import { reading, transaction } from './transaction.ts';

export interface SlackDigest {
  /** The request whose message the digest is. */
  readonly anchor: RequestId;
  /** Rises with every change of any request of this requester that was pending when the digest began, or came later. */
  readonly version: number;
}

export interface SlackDigests {
  find(requester: Principal, channel: string): Promise<SlackDigest | undefined>;
  /** The one there is, or one on this request. */
  open(requester: Principal, channel: string, anchor: RequestId): Promise<SlackDigest>;
  /** It lists nothing any more; the next one is a new message. */
  close(requester: Principal, channel: string): Promise<void>;
}

const FIND = `select d.request_id, (select sum(r.version)::int from requests r
    where r.requester = d.requester and r.ord >= d.since_ord) as version
  from slack_digests d where d.requester = $1 and d.channel = $2`;
const OPEN = `insert into slack_digests (requester, channel, request_id, since_ord)
  select $1, $2, $3, (select min(ord) from requests where id = $3 or (requester = $1 and state = 'pending'))
  on conflict (requester, channel) do nothing`;
const CLOSE = 'delete from slack_digests where requester = $1 and channel = $2';

/** The digests over this store. */
export function makeSlackDigests({ pool }: Pick<Store, 'pool'>): SlackDigests {
  const find = async (requester: Principal, channel: string): Promise<SlackDigest | undefined> => {
    const query = statement<StoredRow>(FIND, [nameOf(requester), channel]);
    const [row] = await reading(pool, (connection) => connection.rows(query));
    if (row === undefined) return undefined;
    return { anchor: parsed(row, 'request_id', parseRequestId), version: whole(row, 'version') };
  };
  return {
    find,
    open: async (requester, channel, anchor) => {
      await transaction(pool, (tx) => tx.rows(statement(OPEN, [nameOf(requester), channel, anchor])));
      const digest = await find(requester, channel);
      // Closed in between: the next look opens it again.
      return digest ?? { anchor, version: 0 };
    },
    close: async (requester, channel) => {
      await transaction(pool, (tx) => tx.rows(statement(CLOSE, [nameOf(requester), channel])));
    },
  };
}
