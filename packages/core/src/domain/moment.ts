/** Moment: when something is judged and by which policy: the database's clock and the version in force, read together. */
import type { Instant } from './instant.ts';
import type { Policy } from './policy.ts';

export interface Moment {
  readonly now: Instant;
  readonly policy: Policy;
}
