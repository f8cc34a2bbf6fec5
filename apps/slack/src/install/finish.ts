/** Owns the end of an installation: the code becomes a token, which is kept only if team, scopes and kind are as they must be. */
import { err, ok, type Result } from '@sallyport/core';
import { type Logger, randomToken, type Secret, slackScopeDifference } from '@sallyport/platform';
import { sealSlackToken } from '@sallyport/tokens/seal';
import { webApi } from '@slack/bolt';
import { z } from 'zod';
import type { BoltLogger } from '../bolt-logger.ts';
import type { Fetch } from '../outbound/guarded-fetch.ts';
import { slackFailure } from '../outbound/slack-error.ts';
import type { Installing } from './installations.ts';

/** Why nothing was kept. */
export type InstallNo =
  | { readonly why: 'slack_away' }
  | { readonly why: 'code_refused'; readonly code: string }
  | { readonly why: 'team_not_allowed'; readonly team: string }
  | { readonly why: 'scopes_missing'; readonly scopes: readonly string[] }
  | { readonly why: 'organisation_wide' }
  | { readonly why: 'token_rotates' }
  | { readonly why: 'not_stored' };

export interface InstallDone {
  readonly team: string;
  readonly name: string | undefined;
}

export interface FinishDeps extends Pick<Installing, 'installations' | 'wrapping'> {
  readonly clientId: Secret<string>;
  readonly clientSecret: Secret<string>;
  readonly apiUrl: string;
  readonly fetch: Fetch;
  readonly teamIds: readonly string[];
  /** Whether the app is at work there already: then its token is not taken back, whatever this one lacks. */
  readonly isAtWork: (team: string) => boolean;
  readonly boltLogger: BoltLogger;
  readonly logger: Logger;
}

const id = z.string().regex(/^[A-Z0-9]{1,100}$/);
const granted = z.looseObject({
  access_token: z.string().min(1).max(1_000),
  scope: z.string().max(10_000),
  bot_user_id: id,
  app_id: id,
  team: z.looseObject({ id, name: z.string().max(200).nullish() }).nullish(),
  authed_user: z.looseObject({ id }),
  is_enterprise_install: z.boolean().nullish(),
  refresh_token: z.string().nullish(),
});
type Granted = z.output<typeof granted>;

/** Exchanges the code and keeps the token, sealed. What is not kept is taken back. */
export async function finishInstall(deps: FinishDeps, code: string): Promise<Result<InstallDone, InstallNo>> {
  const answered = await exchange(deps, code);
  if (!answered.ok) return answered;
  const { value } = answered;
  const team = value.team?.id;
  const no = problemOf(value, team, deps.teamIds);
  if (no !== undefined || team === undefined) {
    if (team === undefined || !deps.isAtWork(team)) await takeBack(deps, value.access_token);
    return err(no ?? { why: 'organisation_wide' });
  }
  return keep(deps, value, { team, name: value.team?.name ?? undefined });
}

async function exchange(deps: FinishDeps, code: string): Promise<Result<Granted, InstallNo>> {
  try {
    const answer = await clientOf(deps).oauth.v2.access({
      client_id: deps.clientId.reveal(),
      client_secret: deps.clientSecret.reveal(),
      code,
    });
    const parsed = granted.safeParse(answer);
    if (parsed.success) return ok(parsed.data);
    deps.logger.error('slack.install_unreadable', {});
    return err({ why: 'slack_away' });
  } catch (thrown) {
    const failure = slackFailure(thrown);
    deps.logger.warn('slack.install_refused', { err: thrown });
    return err(failure.kind === 'refused' ? { why: 'code_refused', code: failure.code } : { why: 'slack_away' });
  }
}

function problemOf(value: Granted, team: string | undefined, teamIds: readonly string[]): InstallNo | undefined {
  if (value.is_enterprise_install === true || team === undefined) return { why: 'organisation_wide' };
  if (!teamIds.includes(team)) return { why: 'team_not_allowed', team };
  const { missing } = slackScopeDifference(value.scope.split(','));
  if (missing.length > 0) return { why: 'scopes_missing', scopes: missing };
  return typeof value.refresh_token === 'string' ? { why: 'token_rotates' } : undefined;
}

async function keep(deps: FinishDeps, value: Granted, done: InstallDone): Promise<Result<InstallDone, InstallNo>> {
  const { team } = done;
  const { app_id: appId, bot_user_id: botUserId, authed_user: by } = value;
  try {
    const sealedToken = await sealSlackToken(deps.wrapping, team, value.access_token);
    await deps.installations.put(
      { team, appId, botUserId, installedBy: by.id, sealedToken },
      { door: 'slack', external: `slack:${team}/${by.id}`, traceId: randomToken(16) },
    );
  } catch (thrown) {
    deps.logger.error('slack.install_not_stored', { team, err: thrown });
    if (!deps.isAtWork(team)) await takeBack(deps, value.access_token);
    return err({ why: 'not_stored' });
  }
  deps.logger.info('slack.installed', { team, user: by.id });
  return ok(done);
}

/** A token nobody keeps must not stay good. */
async function takeBack(deps: FinishDeps, token: string): Promise<void> {
  await clientOf(deps, token)
    .auth.revoke()
    .catch((thrown: unknown) => deps.logger.error('slack.install_not_taken_back', { err: thrown }));
}

const CALL_MS = 5_000;

function clientOf({ apiUrl, fetch, boltLogger }: FinishDeps, token?: string): webApi.WebClient {
  return new webApi.WebClient(token, {
    slackApiUrl: apiUrl,
    fetch,
    timeout: CALL_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    logger: boltLogger,
  });
}
