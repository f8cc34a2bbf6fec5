/** Event -> what follows it: a look by Slack always, a wake-up for long polls always, and timers for what will fall due. */
import type { AccessCase, EventType, Instant } from '@sallyport/core';

/** A hint to look at a request when something of it falls due. */
export interface Timer {
  readonly due: 'request_end' | 'grant_end';
  readonly at: Instant;
}

/** The timers an event sets, from the case as it is now. A late or lost one costs the pause of the sweep. */
export function timersOf(type: EventType, { request, grant }: AccessCase): readonly Timer[] {
  switch (type) {
    case 'request.opened':
      return request.status.state === 'pending' ? [{ due: 'request_end', at: request.expiresAt }] : [];
    case 'grant.started':
      return grant === undefined ? [] : [{ due: 'grant_end', at: grant.expiresAt }];
    case 'request.narrowed':
    case 'decision.made':
    case 'request.approved':
    case 'request.denied':
    case 'request.canceled':
    case 'request.expired':
    case 'grant.revoked':
    case 'grant.expired':
    case 'token.revoked':
      return [];
  }
}
