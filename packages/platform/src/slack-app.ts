/** Owns what our Slack app must be allowed, and where Slack calls it: for the program that needs it and the doctor that looks. */

/** Bot scopes. The three histories only find our own messages whose answer got lost. */
export const SLACK_BOT_SCOPES = [
  'commands',
  'chat:write',
  'im:write',
  'users:read',
  'channels:read',
  'groups:read',
  'channels:history',
  'groups:history',
  'im:history',
] as const;

/** The Web API's base unless SLACK_API_URL names another. */
export const SLACK_API_URL = 'https://slack.com/api/';

/** The one path Slack calls in HTTP mode. */
export const SLACK_EVENTS_PATH = '/slack/events';

/** How granted scopes differ from what the app needs. */
export interface ScopeDifference {
  readonly missing: readonly string[];
  /** Granted, and used for nothing. */
  readonly superfluous: readonly string[];
}

/** Compares granted bot scopes with those the app needs. */
export function slackScopeDifference(granted: readonly string[]): ScopeDifference {
  const needed: readonly string[] = SLACK_BOT_SCOPES;
  return {
    missing: needed.filter((scope) => !granted.includes(scope)),
    superfluous: granted.filter((scope) => !needed.includes(scope)),
  };
}
