/** Owns which Slack account is whose by its owner's own act, whether who acts by one still may, and what accounts are to be told. */
import {
  type Attribution,
  actsAs,
  isBoundByPolicy,
  type LinkEnd,
  type LinkId,
  type LinkNews,
  type Moment,
  type Refusal,
  type SlackAccount,
  type SlackLink,
  type SlackLinks,
} from '@sallyport/core';
import { MOMENT } from './case-sql.ts';
import { momentOf } from './moments.ts';
import type { RowMac } from './row-mac.ts';
import { type StoredRow, word } from './row-values.ts';
import { makeLinkOffers } from './slack-link-offers.ts';
import { linkOrSkip, readLink } from './slack-link-rows.ts';
import { endLink } from './slack-link-writes.ts';
import { type Statement, statement } from './statement.ts';
import type { Store } from './store.ts';
import { reading, type Tx, transaction } from './transaction.ts';

const NEWS_SECONDS = 30;

const OF_ACCOUNT = 'select * from slack_links where team = $1 and slack_user = $2 and ended_at is null';
const OF_PEOPLE = 'select * from slack_links where person = any($1::text[]) and ended_at is null';
const CLAIM_NEWS = `with due as (
    select id from slack_links where news is not null and news_from <= (select clock_timestamp())
    order by news_from, id limit $1 for update skip locked
  )
  update slack_links l set news_from = clock_timestamp() + make_interval(secs => ${NEWS_SECONDS})
  from due where l.id = due.id returning l.*`;
const TOLD = 'update slack_links set news = null, news_from = null where id = $1 and news = $2';

/** Links over this store. */
export function makeSlackLinks(store: Store): SlackLinks {
  const { pool, mac } = store;
  const found = (query: Statement<StoredRow>): Promise<readonly SlackLink[]> =>
    reading(pool, async (connection) => (await connection.rows(query)).flatMap((row) => linkOrSkip(store, row)));
  return {
    ...makeLinkOffers(store),
    ofAccount: ({ team, user }) =>
      reading(pool, async (connection) => {
        const [row] = await connection.rows(statement<StoredRow>(OF_ACCOUNT, [team, user], 'link_of_account'));
        return row === undefined ? undefined : readLink(row, mac);
      }),
    ofPeople: async (ids) => (ids.length === 0 ? [] : found(statement(OF_PEOPLE, [ids], 'links_of_people'))),
    end: (account, why, by, only) => end(store, account, { why, by, only }),
    claimNews: async (limitMax) => {
      const rows = await transaction(pool, (tx) => tx.rows(statement<StoredRow>(CLAIM_NEWS, [limitMax])));
      return rows.flatMap((row): LinkNews[] =>
        linkOrSkip(store, row).map((link) => ({ link, kind: word(row, 'news', ['linked', 'relinked']) })),
      );
    },
    told: async ({ link, kind }) => {
      await transaction(pool, (tx) => tx.rows(statement(TOLD, [link.id, kind])));
    },
  };
}

/**
 * Whether the account somebody acts by is still theirs, by the policy of this transaction and the link as it is now; the
 * link stays as it is until the transaction ends. Undefined: it is, or they act by none.
 */
export async function accountRefusal(
  tx: Tx,
  mac: RowMac,
  { account, principal }: Attribution,
  { policy }: Moment,
): Promise<Refusal | undefined> {
  if (account === undefined) return undefined;
  const link = isBoundByPolicy(policy, account) ? undefined : await linkHeld(tx, mac, account);
  const acts = actsAs(policy, account, principal, link);
  return acts.ok ? undefined : acts.error;
}

async function linkHeld(tx: Tx, mac: RowMac, { team, user }: SlackAccount): Promise<SlackLink | undefined> {
  const [row] = await tx.rows<StoredRow>(statement(`${OF_ACCOUNT} for share`, [team, user], 'link_held'));
  return row === undefined ? undefined : readLink(row, mac);
}

function end(
  store: Store,
  { team, user }: SlackAccount,
  { why, by, only }: { readonly why: LinkEnd; readonly by: Attribution; readonly only: LinkId | undefined },
): Promise<SlackLink | undefined> {
  return transaction(store.pool, async (tx) => {
    const [row] = await tx.rows<StoredRow>(statement(`${OF_ACCOUNT} for update`, [team, user]));
    if (row === undefined) return undefined;
    const link = readLink(row, store.mac);
    if (only !== undefined && link.id !== only) return undefined;
    const [moment] = await tx.rows<StoredRow>(statement(`select ${MOMENT}`));
    if (moment === undefined) throw new Error('a select without from answers one row');
    return endLink(tx, store, link, why, { at: await momentOf(moment, tx, store.policies), by });
  });
}
