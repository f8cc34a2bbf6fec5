/** Statuses: the places of tokens in the status lists, and which of them are over. */
import type { Instant } from '../domain/instant.ts';
import type { TokenStatus } from '../domain/token-status.ts';

export interface StatusPlaces {
  /** A place no other token has or will have. What it says of the token's age is no more than roughly when, and by which process. */
  take(): Promise<TokenStatus>;
}

export interface EndedPlaces {
  /** What was handed out, and the places of tokens that ended before a time that is not yet over. One read, nothing kept. */
  look(): Promise<{
    readonly at: Instant;
    /** Lists from 0 on that have tokens, or may have. */
    readonly lists: number;
    readonly ended: readonly TokenStatus[];
  }>;
}
