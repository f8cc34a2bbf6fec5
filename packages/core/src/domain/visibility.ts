/** Visibility: who may see a case. To everybody else it does not exist. */
import type { AccessCase } from './case.ts';
import { owns, type Policy, personById } from './policy.ts';
import { type Principal, samePrincipal } from './principal.ts';
import { eligibleLines } from './quorum.ts';

/** The requester, the subject, the subject's owners, who acts for it, and those who may decide it. */
export function mayRead(policy: Policy, c: AccessCase, reader: Principal): boolean {
  const { subject, requester, actor, lines } = c.request;
  if (samePrincipal(reader, requester) || samePrincipal(reader, subject)) return true;
  if (actor !== undefined && samePrincipal(reader, actor)) return true;
  if (reader.kind !== 'person' || personById(policy, reader.id) === undefined) return false;
  if (subject.kind === 'workload' && owns(policy, reader.id, subject.id)) return true;
  return eligibleLines(policy, c.request, lines, reader.id).length > 0;
}
