/** Owns the Slack workspaces the app was installed in: sealed tokens, one row for each, and a row of the trail for each change. */
import type { Attribution } from '@sallyport/core';
import { auditRow, insertAudit } from './audit/append.ts';
import { type StoredRow, text, whole } from './row-values.ts';
import { statement } from './statement.ts';
import type { Store } from './store.ts';
import { reading, transaction } from './transaction.ts';

export interface SlackInstallation {
  readonly team: string;
  /** Rises with every installation in this team. */
  readonly version: number;
  readonly botUserId: string;
  /** The bot token, encrypted and bound to the team. */
  readonly sealedToken: string;
}

export interface NewSlackInstallation extends Omit<SlackInstallation, 'version'> {
  readonly appId: string;
  /** The Slack account that installed it. */
  readonly installedBy: string;
}

export interface SlackInstallations {
  /** Those that have not ended, by team. */
  live(): Promise<readonly SlackInstallation[]>;
  /** Takes the place of whatever there was for the team. @returns its version */
  put(made: NewSlackInstallation, by: Attribution): Promise<number>;
  /** Ends this version and forgets its token. False: it had ended, or a later one took its place. */
  end(
    installation: Pick<SlackInstallation, 'team' | 'version'>,
    why: 'app_uninstalled' | 'tokens_revoked',
    by: Attribution,
  ): Promise<boolean>;
}

const LIVE = `select team_id, version, bot_user_id, sealed_token from slack_installations
  where ended_at is null order by team_id limit 1000`;
const PUT = `insert into slack_installations (team_id, version, app_id, bot_user_id, installed_by, installed_at, sealed_token)
  values ($1, 1, $2, $3, $4, clock_timestamp(), $5)
  on conflict (team_id) do update set version = slack_installations.version + 1, app_id = excluded.app_id,
    bot_user_id = excluded.bot_user_id, installed_by = excluded.installed_by, installed_at = excluded.installed_at,
    sealed_token = excluded.sealed_token, ended_at = null, ended_why = null
  returning version`;
const END = `update slack_installations set ended_at = clock_timestamp(), ended_why = $3, sealed_token = null
  where team_id = $1 and version = $2 and ended_at is null returning version`;

/** The installations over this store. */
export function makeSlackInstallations({ pool, mac, clock }: Store): SlackInstallations {
  const change = (
    query: string,
    values: readonly unknown[],
    row: { readonly type: string; readonly by: Attribution; readonly facts: Readonly<Record<string, string>> },
  ): Promise<number | undefined> =>
    transaction(pool, async (tx) => {
      const [changed] = await tx.rows<StoredRow>(statement(query, values));
      if (changed === undefined) return undefined;
      const version = whole(changed, 'version');
      const facts = { ...row.facts, version };
      const draft = { type: row.type, at: clock.now(), by: row.by, facts };
      await tx.rows(insertAudit([auditRow(draft, tx.cursor, mac)]));
      return version;
    });
  return {
    live: async () =>
      (await reading(pool, (connection) => connection.rows<StoredRow>(statement(LIVE)))).map((row) => ({
        team: text(row, 'team_id'),
        version: whole(row, 'version'),
        botUserId: text(row, 'bot_user_id'),
        sealedToken: text(row, 'sealed_token'),
      })),
    put: async ({ team, appId, botUserId, installedBy, sealedToken }, by) => {
      const values = [team, appId, botUserId, installedBy, sealedToken];
      const version = await change(PUT, values, { type: 'slack.installed', by, facts: { team, app: appId } });
      if (version === undefined) throw new Error('an installation was not stored');
      return version;
    },
    end: async ({ team, version }, why, by) =>
      (await change(END, [team, version, why], { type: 'slack.removed', by, facts: { team, why } })) !== undefined,
  };
}
