/** Revocations: what ended before its time, in an order in which nothing is lost and nothing comes twice. */
import type { ResourceId } from '../domain/access.ts';
import type { Revocation } from '../domain/revocation.ts';

/**
 * Where a reader stands: what it was told and what not. Opaque, at most 512 characters of base64url; good on every broker.
 * One that this database does not know (another one, an older copy of it, another build) reads from the beginning.
 */
export type FeedPosition = string;

export interface Told {
  readonly revocation: Revocation;
  /** Where a reader stands once this was told. */
  readonly position: FeedPosition;
}

export interface RevocationQuery {
  /** Absent: from the beginning, which is everything that still matters. */
  readonly after?: FeedPosition;
  /** No further than this. Absent: as far as there is. */
  readonly upTo?: FeedPosition;
  /** Of these resources only. */
  readonly resources?: readonly ResourceId[];
  /** How many are looked at, at most: a page may tell fewer, or nothing, and there be more. */
  readonly limitMax: number;
}

export interface RevocationPage {
  readonly items: readonly Told[];
  /** Where the next read goes on. */
  readonly next: FeedPosition;
  /** Whether the limit cut it short. */
  readonly more: boolean;
}

export interface Revocations {
  /** What was committed after a position, by whichever transaction, however long it took; what no longer matters is left out. */
  read(query: RevocationQuery): Promise<RevocationPage>;
  /** The position behind everything committed by now. */
  tip(): Promise<FeedPosition>;
}
