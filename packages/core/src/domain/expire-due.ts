/** expireDue: what time alone does to a case. A notice written later; nothing usable ever waits for it. */
import { type AccessCase, type Outcome, stepOf } from './case.ts';
import type { Instant } from './instant.ts';

/** Closes a pending request or an active grant whose time is over; else unchanged. */
export function expireDue(c: AccessCase, now: Instant): Outcome {
  if (c.request.status.state === 'pending' && now >= c.request.expiresAt) {
    return stepOf(c, [{ type: 'request.expired', at: now }]);
  }
  if (c.grant?.status.state === 'active' && now >= c.grant.expiresAt) {
    return stepOf(c, [{ type: 'grant.expired', at: now }]);
  }
  return 'unchanged';
}
