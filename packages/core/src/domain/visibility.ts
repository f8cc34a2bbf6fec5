/** Visibility: who may see a case. To everybody else it does not exist. */
import type { AccessCase } from './case.ts';
import type { Moment } from './moment.ts';
import { owns, personById } from './policy.ts';
import { type Principal, samePrincipal } from './principal.ts';
import { reachesAny, reachOf } from './standing-in.ts';

/** The requester, the subject, the subject's owners, who acts for it, and those who may decide it at this moment. */
export function mayRead(at: Moment, c: AccessCase, reader: Principal): boolean {
  const { subject, requester, actor, lines } = c.request;
  const { policy } = at;
  if (samePrincipal(reader, requester) || samePrincipal(reader, subject)) return true;
  if (actor !== undefined && samePrincipal(reader, actor)) return true;
  if (reader.kind !== 'person' || personById(policy, reader.id) === undefined) return false;
  if (subject.kind === 'workload' && owns(policy, reader.id, subject.id)) return true;
  return reachesAny(reachOf(at, c.request, lines, reader.id));
}
