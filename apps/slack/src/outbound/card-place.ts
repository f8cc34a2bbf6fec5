/** Owns in which workspace the card of a request belongs, by the policy in force. Pure. */
import type { Drawn } from '../views/phase.ts';

/** Of which team the resource's channel is, where it says so: part of a destination. */
export function cardTeam({ case: c, at }: Drawn): { readonly team?: string } {
  const team = at.policy.resources.find((one) => one.id === c.request.access.resource)?.slackTeam;
  return team === undefined ? {} : { team };
}
