/** Owns whose Slack account may be written to. Pure. */
import { type PersonId, type Policy, personById } from '@sallyport/core';

/** The Slack account of a person, if it is of a team we may write to. */
export function accountOf(policy: Policy, id: PersonId, teams: ReadonlySet<string>): string | undefined {
  const slack = personById(policy, id)?.slack;
  return slack !== undefined && teams.has(slack.team) ? slack.user : undefined;
}
