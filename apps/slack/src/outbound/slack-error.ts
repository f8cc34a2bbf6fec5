/** Owns what a failed Web API call means: the platform's own word for it, a pause, a dead token, or an unknown outcome. */

import { isError } from '@sallyport/platform';
import { webApi } from '@slack/bolt';

export type SlackFailure =
  | { readonly kind: 'rate_limited'; readonly afterMs: number }
  /** The bot token is not good any more: nothing works until it is again. */
  | { readonly kind: 'dead_token'; readonly code: string }
  /** Slack said no, and why; nothing was done. */
  | { readonly kind: 'refused'; readonly code: string }
  /** No answer, or none that tells: it may have been done. */
  | { readonly kind: 'unknown' };

const DEAD = new Set([
  'invalid_auth',
  'token_revoked',
  'token_expired',
  'account_inactive',
  'not_authed',
  'app_uninstalled',
]);
/** Answers that mean "something broke on our side": whether it was done is not known. */
const BROKEN = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);
const RATE_LIMIT_MS = 1_000;
const RATE_LIMIT_MS_MAX = 300_000;

/** Sorts what a call threw. */
export function slackFailure(thrown: unknown): SlackFailure {
  if (!isError(thrown) || !('code' in thrown)) return { kind: 'unknown' };
  if (thrown.code === webApi.ErrorCode.RateLimitedError && 'retryAfter' in thrown) {
    const afterMs = typeof thrown.retryAfter === 'number' ? thrown.retryAfter * 1_000 : RATE_LIMIT_MS;
    return { kind: 'rate_limited', afterMs: Math.min(RATE_LIMIT_MS_MAX, Math.max(RATE_LIMIT_MS, afterMs)) };
  }
  if (thrown.code !== webApi.ErrorCode.PlatformError || !('data' in thrown)) return { kind: 'unknown' };
  return platformFailure(thrown.data);
}

function platformFailure(data: unknown): SlackFailure {
  const code = typeof data === 'object' && data !== null && 'error' in data ? data.error : undefined;
  // The library puts a body that is no JSON into `error`: an answer of something between us and Slack.
  if (typeof code !== 'string' || !/^[a-z0-9_]{1,80}$/.test(code) || BROKEN.has(code)) return { kind: 'unknown' };
  if (code === 'ratelimited' || code === 'rate_limited') return { kind: 'rate_limited', afterMs: RATE_LIMIT_MS };
  return DEAD.has(code) ? { kind: 'dead_token', code } : { kind: 'refused', code };
}
