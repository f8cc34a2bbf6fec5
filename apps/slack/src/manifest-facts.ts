/** Owns what the app must be allowed and told by Slack: the manifest is generated from it, the start compares with it. */
import { SLACK_EVENTS_PATH } from '@sallyport/platform';
import { COMMAND, MESSAGE_SHORTCUT, SHORTCUT } from './action-ids.ts';

/** What the app token of Socket Mode needs. */
export const APP_TOKEN_SCOPES = ['connections:write'] as const;

/** Events listened to. */
export const BOT_EVENTS = ['app_home_opened', 'app_uninstalled', 'tokens_revoked', 'user_change'] as const;

export const MANIFEST_COMMANDS = [
  {
    command: COMMAND,
    description: 'Ask for access to a resource',
    usage_hint: '[resource] [duration] | help | list | revoke <id>',
    should_escape: true,
  },
] as const;

export const MANIFEST_SHORTCUTS = [
  { callback_id: SHORTCUT, name: 'Request access', description: 'Ask for access to a resource', type: 'global' },
  {
    callback_id: MESSAGE_SHORTCUT,
    name: 'Ask for access',
    description: 'Opens the form with a link to this message',
    type: 'message',
  },
] as const;

/** The one path Slack calls in HTTP mode. */
export const EVENTS_PATH = SLACK_EVENTS_PATH;
