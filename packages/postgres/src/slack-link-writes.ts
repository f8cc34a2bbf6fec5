/** Owns what is written of a Slack link: made in the place of those before it, ended, and the fact of either in the trail. */
import { type Attribution, type LinkEnd, type Moment, nameOf, person, type SlackLink } from '@sallyport/core';
import { auditRow, insertAudit } from './audit/append.ts';
import type { StoredRow } from './row-values.ts';
import { readLink } from './slack-link-rows.ts';
import { statement, timeText } from './statement.ts';
import type { Store } from './store.ts';
import type { Tx } from './transaction.ts';

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

/** Ends what account and person were linked to before, then makes the link. */
export async function replaceLink(tx: Tx, store: Store, link: SlackLink, { at, by }: Act): Promise<void> {
  const { team, user } = link.account;
  const replaced = await tx.rows<StoredRow>(statement(REPLACED, [link.person, team, user]));
  for (const row of replaced) await endLink(tx, store, readLink(row, store.mac), 'relinked', { at, by });
  const { key, mac } = store.mac.seal('slack_links', link);
  await tx.rows(statement(INSERT, [link.id, team, user, link.person, timeText(link.linkedAt), key, mac]));
  await writeFact(tx, store, 'slack.linked', link, { at, by });
}

export interface Act {
  readonly at: Moment;
  readonly by: Attribution;
}

/** Ends one; its row must be held. */
export async function endLink(tx: Tx, store: Store, link: SlackLink, why: LinkEnd, act: Act): Promise<SlackLink> {
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
