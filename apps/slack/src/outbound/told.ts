/** Owns who is told how a case goes: the requester; for a workload's own request its owners. Pure. */
import { ownersOf, type PersonId } from '@sallyport/core';
import type { Drawn } from '../views/phase.ts';

const OWNERS_TOLD_MAX = 20;

/** The people who are told. */
export function toldOf({ case: { request }, at: { policy } }: Drawn): readonly PersonId[] {
  if (request.requester.kind === 'person') return [request.requester.id];
  return ownersOf(policy, request.requester.id)
    .slice(0, OWNERS_TOLD_MAX)
    .map((owner) => owner.id);
}
