/** Attribution: who does something and by which door; written into every audit row. Ids and hashes, no free text. */
import type { Principal } from '../domain/principal.ts';
import type { SlackAccount } from '../domain/slack-link.ts';

export interface Attribution {
  /** `web`: a page of the broker. */
  readonly door: 'oauth' | 'rest' | 'slack' | 'web' | 'cli' | 'worker';
  readonly principal?: Principal;
  /** Who they are outside: `slack:TEAM/USER`, or `iss` and `sub` of the token. */
  readonly external?: string;
  /** The Slack account `principal` acts by: whoever writes a case checks in the same transaction that it still is theirs. */
  readonly account?: SlackAccount;
  readonly clientId?: string;
  readonly address?: string;
  /** What they try, for the row of a refused attempt. */
  readonly attempting?: { readonly what: 'decide' | 'cancel' | 'revoke'; readonly verdict?: 'approve' | 'deny' };
  /** Correlates log lines, audit rows and the caller's answer. */
  readonly traceId: string;
}
