/** Owns where the card of a request belongs, by the policy in force: the channel of its resource, and the workspace of that. Pure. */
import type { Resource } from '@sallyport/core';
import type { Drawn } from '../views/phase.ts';

/** The channel of the resource. */
export function channelOf(drawn: Drawn): string | undefined {
  return resourceOf(drawn)?.slackChannel;
}

/** Of which team that channel is, where the resource says so: part of a destination. */
export function cardTeam(drawn: Drawn): { readonly team?: string } {
  const team = resourceOf(drawn)?.slackTeam;
  return team === undefined ? {} : { team };
}

function resourceOf({ case: c, at }: Drawn): Resource | undefined {
  return at.policy.resources.find((one) => one.id === c.request.access.resource);
}
