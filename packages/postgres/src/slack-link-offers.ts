/** Owns offers of Slack links: handed out, found, confirmed, turned away. */
import {
  type Attribution,
  confirmOffer,
  type Digest,
  err,
  LINK_OFFER_LIFE,
  LINK_OFFERS_MAX,
  type LinkOffer,
  ok,
  type Refusal,
  type Result,
  type Seen,
  type SlackLink,
  type SlackLinks,
} from '@sallyport/core';
import { writeAttempt } from './attempts.ts';
import { auditRow, insertAudit } from './audit/append.ts';
import { MOMENT } from './case-sql.ts';
import { momentOf, nowOf, versionOf } from './moments.ts';
import { LOCKS } from './once-keys.ts';
import { isNull, object, type StoredRow, time, whole } from './row-values.ts';
import { readOffer } from './slack-link-rows.ts';
import { replaceLink } from './slack-link-writes.ts';
import { statement, timeText } from './statement.ts';
import type { Store } from './store.ts';
import { reading, transaction } from './transaction.ts';

const LIFE_SECONDS = LINK_OFFER_LIFE / 1_000;

/** Offers of one account are handed out one after another, so that they are counted right. */
const LOCK_ACCOUNT = 'select pg_advisory_xact_lock($1, hashtext($2))';
/** Confirmations are rare, and touch an account and a person each: one at a time, no two can make a second link of either. */
const LOCK_ALL = 'select pg_advisory_xact_lock($1, 0)';

const HANDED = `select ${MOMENT}, count(o.id)::int as handed, min(o.expires_at) as soonest
  from (select clock_timestamp()) t left join slack_link_offers o
    on o.team = $1 and o.slack_user = $2 and o.expires_at > clock_timestamp()`;
const OFFER = `insert into slack_link_offers (id, team, slack_user, claimed_name, confirmation, issued_at, expires_at)
  values ($1, $2, $3, $4, $5, $6::timestamptz, $6::timestamptz + make_interval(secs => ${LIFE_SECONDS})) returning *`;
const FIND_OFFER = `select ${MOMENT}, (select to_json(o) from slack_link_offers o where o.id = $1) as offer`;
const LOCK_OFFER = 'select from slack_link_offers where id = $1 for update';
const MISS = 'update slack_link_offers set misses = misses + 1 where id = $1';
const CLOSE = 'update slack_link_offers set closed = true where id = $1';
const DECLINE = `update slack_link_offers set closed = true
  where id = $1 and not closed and expires_at > clock_timestamp() returning id`;

/** The offers of `SlackLinks` over this store. */
export function makeLinkOffers(store: Store): Pick<SlackLinks, 'offer' | 'findOffer' | 'confirm' | 'decline'> {
  return {
    offer: (made, by) => offer(store, made, by),
    findOffer: (id) => findOffer(store, id),
    confirm: (id, confirming, by) => confirm(store, id, confirming, by),
    decline: (id, by) => decline(store, id, by),
  };
}

function offer(
  store: Store,
  made: Parameters<SlackLinks['offer']>[0],
  by: Attribution,
): ReturnType<SlackLinks['offer']> {
  const { team, user } = made.account;
  return transaction(store.pool, async (tx) => {
    await tx.rows(statement(LOCK_ACCOUNT, [LOCKS.linking, JSON.stringify([team, user])]));
    const [row] = await tx.rows<StoredRow>(statement(HANDED, [team, user]));
    if (row === undefined) throw new Error('an aggregate answers one row');
    const now = nowOf(row);
    if (whole(row, 'handed') >= LINK_OFFERS_MAX) {
      const seconds = Math.max(1, Math.ceil((time(row, 'soonest') - now) / 1_000));
      const refusal = { code: 'too_many', retryAfterSeconds: seconds } as const;
      await writeAttempt(tx, store.mac, { refusal, by, attempted: 'link', at: now, policyVersion: versionOf(row) });
      return err(refusal);
    }
    const values = [made.id, team, user, made.claimedName, made.confirmation, timeText(now)];
    const [kept] = await tx.rows<StoredRow>(statement(OFFER, values));
    if (kept === undefined) throw new Error('an insert answers its row');
    return ok(readOffer(kept));
  });
}

function findOffer(store: Store, id: Digest): Promise<Seen<LinkOffer> | undefined> {
  return reading(store.pool, async (connection) => {
    const [row] = await connection.rows<StoredRow>(statement(FIND_OFFER, [id]));
    if (row === undefined || isNull(row, 'offer')) return undefined;
    return { value: readOffer(object(row.offer, 'an offer')), at: await momentOf(row, connection, store.policies) };
  });
}

function confirm(
  store: Store,
  id: Digest,
  { person: who, confirmation, linkId }: Parameters<SlackLinks['confirm']>[1],
  by: Attribution,
): Promise<Result<SlackLink, Refusal>> {
  return transaction(store.pool, async (tx) => {
    await tx.rows(statement(LOCK_ALL, [LOCKS.linking]));
    await tx.rows(statement(LOCK_OFFER, [id]));
    const [row] = await tx.rows<StoredRow>(statement(FIND_OFFER, [id]));
    if (row === undefined) throw new Error('a select without from answers one row');
    const at = await momentOf(row, tx, store.policies);
    const found = isNull(row, 'offer') ? undefined : readOffer(object(row.offer, 'an offer'));
    const judged = confirmOffer(found, { person: who, confirmation }, at);
    if (!judged.ok) {
      if (judged.error.code === 'proof_rejected') await tx.rows(statement(MISS, [id]));
      const facts = { refusal: judged.error, by, attempted: 'link', at: at.now };
      await writeAttempt(tx, store.mac, { ...facts, policyVersion: at.policy.version });
      return judged;
    }
    await tx.rows(statement(CLOSE, [id]));
    const link: SlackLink = { id: linkId, account: judged.value.account, person: who, linkedAt: at.now };
    await replaceLink(tx, store, link, { at, by });
    return ok(link);
  });
}

function decline(store: Store, id: Digest, by: Attribution): Promise<boolean> {
  return transaction(store.pool, async (tx) => {
    const declined = await tx.rows(statement(DECLINE, [id]));
    if (declined.length === 0) return false;
    const draft = { type: 'slack.link_declined', at: store.clock.now(), by, facts: { offer: id } };
    await tx.rows(insertAudit([auditRow(draft, tx.cursor, store.mac)]));
    return true;
  });
}
