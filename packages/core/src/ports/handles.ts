/** Handles: what waiting clients poll with, and how often they may. */
import type { AccessCase } from '../domain/case.ts';
import type { Handle, Pace, Poll } from '../domain/handle.ts';
import type { HandleId } from '../domain/ids.ts';
import type { Instant } from '../domain/instant.ts';
import type { EarlierUse } from '../domain/lost-answer.ts';
import type { Attribution } from './attribution.ts';
import type { Seen } from './ledger.ts';

export interface HandleSeen {
  readonly handle: Handle;
  readonly case: AccessCase;
  /** The one token it gave. */
  readonly redeemed?: EarlierUse;
  /** Whether the grant of its case gave any token yet, through whatever door. */
  readonly grantGaveTokens: boolean;
}

export interface Handles {
  put(handle: Handle): Promise<void>;
  /** Binds an unbound handle to the key of the first proof that came with a poll. Returns the key it is bound to: of several at once the first. */
  pin(id: HandleId, jkt: string): Promise<string>;
  find(id: HandleId): Promise<Seen<HandleSeen> | undefined>;
  /** Ends a handle for good. Idempotent. */
  revoke(id: HandleId, by: Attribution): Promise<void>;
}

export interface Paces {
  /** Judges one poll by `judge` and keeps what it says. Costs no transaction; losing a pace only forgives. */
  touch(key: string, judge: (pace: Pace | undefined, now: Instant) => Poll): Poll;
}
