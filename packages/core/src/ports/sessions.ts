/** Sessions of people on our pages. What a session says is sealed in the person's browser; that it was ended is kept here. */
import type { Instant } from '../domain/instant.ts';

export interface Sessions {
  /** Ends a session for good, on every instance. `until`: when it would have been over anyway. Idempotent. */
  end(id: string, until: Instant): Promise<void>;
  /** Whether a session was ended. */
  isEnded(id: string): Promise<boolean>;
}
