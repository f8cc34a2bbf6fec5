/** Statuses: the bits of tokens in the status lists, and which of them are set. */
import type { Instant } from '../domain/instant.ts';
import type { TokenStatus } from '../domain/token-status.ts';

export interface StatusBits {
  /** A bit no other token has or will have. What it says of the token is no more than roughly when it was issued, and by which process. */
  take(): Promise<TokenStatus>;
}

export interface EndedBits {
  /** What was handed out, and the bits of tokens that ended before a time that is not yet over. One read, nothing kept. */
  look(): Promise<{
    readonly at: Instant;
    /** Lists from 0 on that have tokens, or may have. */
    readonly lists: number;
    readonly ended: readonly TokenStatus[];
  }>;
}
