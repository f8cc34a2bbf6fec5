/** Owns which Slack account is whose by its owner's own act: offers, confirmations, links, and what accounts are still to be told. */
import {
  type Attribution,
  actsAs,
  confirmOffer,
  type Digest,
  err,
  isBoundByPolicy,
  isPrincipalId,
  LINK_OFFER_LIFE,
  LINK_OFFERS_MAX,
  type LinkEnd,
  type LinkId,
  type LinkNews,
  type LinkOffer,
  type Moment,
  nameOf,
  ok,
  type PersonId,
  parseDigest,
  parseLinkId,
  person,
  type Refusal,
  type Result,
  type Seen,
  type SlackAccount,
  type SlackLink,
  type SlackLinks,
} from '@sallyport/core';
import { writeAttempt } from './attempts.ts';
import { auditRow, insertAudit } from './audit/append.ts';
import { MOMENT } from './case-sql.ts';
import { momentOf, nowOf, versionOf } from './moments.ts';
import { LOCKS } from './once-keys.ts';
import type { RowMac } from './row-mac.ts';
import { flag, isNull, object, parsed, type StoredRow, text, time, whole, word } from './row-values.ts';
import { sealOf } from './rows.ts';
import { type Statement, statement, timeText } from './statement.ts';
import type { Store } from './store.ts';
import { reading, type Tx, transaction } from './transaction.ts';

const LINK_ENDS = ['unlinked', 'relinked', 'deactivated'] as const;
const LIFE_SECONDS = LINK_OFFER_LIFE / 1_000;
const NEWS_SECONDS = 30;

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

const OF_ACCOUNT = 'select * from slack_links where team = $1 and slack_user = $2 and ended_at is null';
const OF_PEOPLE = 'select * from slack_links where person = any($1::text[]) and ended_at is null';
/** What a new link takes the place of. */
const REPLACED = `select * from slack_links
  where ended_at is null and (person = $1 or (team = $2 and slack_user = $3)) order by id for update`;
const INSERT = `insert into slack_links (id, team, slack_user, person, linked_at, news, news_from, mac_key, mac)
  values ($1, $2, $3, $4, $5, 'linked', clock_timestamp(), $6, $7)`;
/** News that was not told yet gives way: that it was linked is of no use to an account that is not any more. */
const END = `update slack_links set ended_at = $2, end_why = $3::text, mac_key = $4, mac = $5,
    news = case $3::text when 'relinked' then 'relinked' end,
    news_from = case $3::text when 'relinked' then clock_timestamp() end
  where id = $1 and ended_at is null`;

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
    reading(pool, async (connection) => (await connection.rows(query)).map((row) => readLink(row, mac)));
  return {
    offer: (made, by) => offer(store, made, by),
    findOffer: (id) => findOffer(store, id),
    confirm: (id, confirming, by) => confirm(store, id, confirming, by),
    decline: (id, by) => decline(store, id, by),
    ofAccount: async ({ team, user }) => (await found(statement(OF_ACCOUNT, [team, user], 'link_of_account')))[0],
    ofPeople: async (ids) => (ids.length === 0 ? [] : found(statement(OF_PEOPLE, [ids], 'links_of_people'))),
    end: (account, why, by, only) => end(store, account, { why, by, only }),
    claimNews: async (limitMax) => {
      const rows = await transaction(pool, (tx) => tx.rows(statement<StoredRow>(CLAIM_NEWS, [limitMax])));
      return rows.map(
        (row): LinkNews => ({ link: readLink(row, mac), kind: word(row, 'news', ['linked', 'relinked']) }),
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
    await replace(tx, store, link, { at, by });
    return ok(link);
  });
}

/** Ends what account and person were linked to before, then makes the link. */
async function replace(tx: Tx, store: Store, link: SlackLink, { at, by }: Act): Promise<void> {
  const { team, user } = link.account;
  const replaced = await tx.rows<StoredRow>(statement(REPLACED, [link.person, team, user]));
  for (const row of replaced) await writeEnd(tx, store, readLink(row, store.mac), 'relinked', { at, by });
  const { key, mac } = store.mac.seal('slack_links', link);
  await tx.rows(statement(INSERT, [link.id, team, user, link.person, timeText(link.linkedAt), key, mac]));
  await writeFact(tx, store, 'slack.linked', link, { at, by });
}

interface Act {
  readonly at: Moment;
  readonly by: Attribution;
}

async function writeEnd(tx: Tx, store: Store, link: SlackLink, why: LinkEnd, act: Act): Promise<SlackLink> {
  const ended: SlackLink = { ...link, ended: { at: act.at.now, why } };
  const { key, mac } = store.mac.seal('slack_links', ended);
  await tx.rows(statement(END, [link.id, timeText(act.at.now), why, key, mac]));
  await writeFact(tx, store, 'slack.unlinked', ended, act);
  return ended;
}

async function writeFact(tx: Tx, store: Store, type: string, link: SlackLink, { at, by }: Act): Promise<void> {
  const { team, user } = link.account;
  const why = link.ended === undefined ? {} : { why: link.ended.why };
  const facts = { link: link.id, account: `slack:${team}/${user}`, person: nameOf(person(link.person)), ...why };
  const draft = { type, at: at.now, by, policyVersion: at.policy.version, facts };
  await tx.rows(insertAudit([auditRow(draft, tx.cursor, store.mac)]));
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
    return writeEnd(tx, store, link, why, { at: await momentOf(moment, tx, store.policies), by });
  });
}

function readOffer(row: StoredRow): LinkOffer {
  return {
    id: parsed(row, 'id', parseDigest),
    account: { team: text(row, 'team'), user: text(row, 'slack_user') },
    claimedName: text(row, 'claimed_name'),
    confirmation: parsed(row, 'confirmation', parseDigest),
    issuedAt: time(row, 'issued_at'),
    expiresAt: time(row, 'expires_at'),
    misses: whole(row, 'misses'),
    closed: flag(row, 'closed'),
  };
}

/** Reads a link; one that was changed behind the programs' back is a fault and an alarm. */
function readLink(row: StoredRow, mac: RowMac): SlackLink {
  const link: SlackLink = {
    id: parsed(row, 'id', parseLinkId),
    account: { team: text(row, 'team'), user: text(row, 'slack_user') },
    person: parsed(row, 'person', personId),
    linkedAt: time(row, 'linked_at'),
    ...(isNull(row, 'ended_at') ? {} : { ended: { at: time(row, 'ended_at'), why: word(row, 'end_why', LINK_ENDS) } }),
  };
  mac.check('slack_links', link.id, link, sealOf(row));
  return link;
}

function personId(written: string): PersonId | undefined {
  return isPrincipalId(written) ? person(written).id : undefined;
}
