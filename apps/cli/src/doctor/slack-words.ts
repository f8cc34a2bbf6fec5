/** Owns the doctor's words for what Slack refuses, and what to do about it. */
import type { SlackNo } from './slack-api.ts';

const INSTALL_AGAIN = 'Install the app to the workspace again and set the new token.';
const SAID: Readonly<Record<string, string>> = {
  not_authed: 'no token reached Slack',
  invalid_auth: 'Slack does not know this token',
  not_allowed_token_type: 'this is another kind of token',
  token_revoked: 'the token was revoked',
  token_expired: 'the token has expired: token rotation is on, which this app does not use',
  account_inactive: 'the app was removed from the workspace',
  app_uninstalled: 'the app was removed from the workspace',
};
const RIGHT_TOKEN = {
  SLACK_BOT_TOKEN:
    'Copy the Bot User OAuth Token (xoxb-…) from the app’s OAuth & Permissions page into SLACK_BOT_TOKEN.',
  SLACK_APP_TOKEN:
    'Make an app-level token (xapp-…) with connections:write on the app’s Basic Information page; set SLACK_APP_TOKEN.',
} as const;
const GONE = new Set(['token_revoked', 'account_inactive', 'app_uninstalled']);

/** What went wrong, for a finding. */
export function saidFor(method: string, no: SlackNo): string {
  if (no.kind === 'unreachable') return `no answer to ${method}: ${no.why}`;
  return `${SAID[no.code] ?? 'Slack refuses'} (${method}: ${no.code})`;
}

/** What to do when a token is refused. */
export function nextFor(name: keyof typeof RIGHT_TOKEN, no: SlackNo): string {
  if (no.kind === 'unreachable') return 'Can this machine reach SLACK_API_URL, and is it the right one?';
  if (!Object.hasOwn(SAID, no.code) && name === 'SLACK_APP_TOKEN')
    return 'Switch Socket Mode on in the app’s settings.';
  if (no.code === 'token_expired') return 'Switch token rotation off in the app’s settings; the manifest does.';
  return GONE.has(no.code) && name === 'SLACK_BOT_TOKEN' ? INSTALL_AGAIN : RIGHT_TOKEN[name];
}
