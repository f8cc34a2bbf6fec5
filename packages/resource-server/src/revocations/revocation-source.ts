/** What anything that knows revocations answers. */
import type { TokenClaims } from '../claims.ts';

/** `unknown`: nothing says it is revoked, and what is known is too old, or not all of it. */
export type Standing = 'good' | 'revoked' | 'unknown';

export type RevocationHealth =
  | { readonly by: 'none' }
  | {
      readonly by: 'feed';
      /** Whether it is young and complete enough to let a token pass. */
      readonly fresh: boolean;
      /** Since we last knew that we had heard everything; undefined before the first time. */
      readonly ageSeconds: number | undefined;
      readonly transport: 'none' | 'stream' | 'long_poll';
      /** Revoked tokens and ended grants that are remembered. */
      readonly entries: number;
      /** Events that were not the issuer's, not for us, or not events: ignored. */
      readonly rejected: number;
      /** Connections and polls that failed since the last that did not. */
      readonly failures: number;
      /** Why the last of those failed. */
      readonly problem: string | undefined;
    }
  | {
      readonly by: 'status-list';
      readonly lists: number;
      /** Why a list could not be had; undefined when all could. */
      readonly problem: string | undefined;
    };

export interface RevocationSource {
  /** Begins to listen; harmless when it has begun. */
  start(): void;
  /** Resolves once it can answer; never rejects. */
  caughtUp(): Promise<void>;
  standingOf(claims: TokenClaims): Promise<Standing>;
  health(): RevocationHealth;
  close(): Promise<void>;
}

/** Knows nothing and doubts nothing: a token holds until it expires. */
export const noRevocations: RevocationSource = {
  start: () => {},
  caughtUp: async () => {},
  standingOf: async () => 'good',
  health: () => ({ by: 'none' }),
  close: async () => {},
};
