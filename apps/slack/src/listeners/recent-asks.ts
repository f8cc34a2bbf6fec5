/** Owns what somebody asked for lately and may ask for again: offered in the form, and first in the list of resources. */
import { type AccessCase, nameOf, type PersonId, type Policy, person } from '@sallyport/core';
import { withDeadline } from '@sallyport/platform';
import type { Desk } from '../desk.ts';
import { requestables } from '../requestable.ts';

const LOOKED_AT = 20;
const OFFERED_MAX = 3;
/** It only helps: a form does not wait for it. */
const READ_MS = 300;

/** Their newest asks, each kind once, as far as the policy still lets them. None when they could not be read in time. */
export async function recentAsks(desk: Desk, policy: Policy, id: PersonId): Promise<readonly AccessCase[]> {
  try {
    const read = desk.reading.requests(person(id), policy, { limit: LOOKED_AT });
    const { value } = await withDeadline(read, READ_MS, 'recent asks');
    return distinct(value.items.filter((c) => isTheirs(c, id) && isRequestable(policy, id, c)));
  } catch (err) {
    desk.logger.warn('slack.recents_unread', { err });
    return [];
  }
}

/** As many as the form offers. */
export function offered(recent: readonly AccessCase[]): readonly AccessCase[] {
  return recent.slice(0, OFFERED_MAX);
}

function isTheirs({ request }: AccessCase, id: PersonId): boolean {
  return request.requester.kind === 'person' && request.requester.id === id;
}

function isRequestable(policy: Policy, id: PersonId, { request: { access } }: AccessCase): boolean {
  const target = requestables(policy, id).find(({ resource }) => resource.id === access.resource);
  return target?.roles.some((role) => role.id === access.role) ?? false;
}

function distinct(cases: readonly AccessCase[]): readonly AccessCase[] {
  const seen = new Set<string>();
  return cases.filter(({ request: { access, subject, duration } }) => {
    const kind = JSON.stringify([access.resource, access.role, nameOf(subject), duration]);
    if (seen.has(kind)) return false;
    seen.add(kind);
    return true;
  });
}
