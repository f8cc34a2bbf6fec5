/** How the app gets into a team and out of it: `oauth.v2.access` by its own credentials, `auth.revoke` by its token. */
import { type ApiResult, type Args, done, failed, flagArg, type MethodFamily, textArg } from './api-method.ts';
import type { Installs } from './installs.ts';
import type { Parts } from './parts.ts';
import { teamOf } from './wire.ts';

export const oauthMethods: MethodFamily = {
  'oauth.v2.access': {
    token: 'none',
    scopes: () => [],
    args: ['client_id', 'client_secret', 'code', 'redirect_uri'],
    run: access,
  },
  'auth.revoke': { token: 'bot', scopes: () => [], args: ['test'], run: revoke },
};

function access(parts: Parts, args: Args): ApiResult {
  const { credentials, installs } = parts;
  if (credentials === undefined || textArg(args, 'client_id') !== credentials.clientId) {
    return failed('invalid_client_id');
  }
  if (textArg(args, 'client_secret') !== credentials.clientSecret) return failed('bad_client_secret');
  const consent = installs.redeem(textArg(args, 'code') ?? '');
  if (consent === undefined) return failed('invalid_code');
  if (consent.redirectUri !== textArg(args, 'redirect_uri')) return failed('bad_redirect_uri');
  return installed(parts, installs, consent);
}

function installed(
  { store }: Parts,
  installs: Installs,
  { team, user, scopes }: { readonly team: string; readonly user: string; readonly scopes: readonly string[] },
): ApiResult {
  const { app, teams } = store.state;
  const access_token = installs.install(team, scopes);
  const common = {
    app_id: app.id,
    authed_user: { id: user },
    scope: scopes.join(','),
    token_type: 'bot',
    access_token,
    bot_user_id: app.elsewhere[team]?.bot_user_id ?? app.bot_user_id,
  };
  if (app.org_wide) {
    return done({ ...common, is_enterprise_install: true, team: null, enterprise: { id: 'E01ORG', name: 'Org' } });
  }
  return done({
    ...common,
    is_enterprise_install: false,
    team: { id: team, name: teams[team]?.name },
    enterprise: null,
  });
}

function revoke({ store, installs }: Parts, args: Args): ApiResult {
  if (flagArg(args, 'test')) return done({ revoked: false });
  installs.remove(teamOf(store.state));
  return done({ revoked: true });
}
