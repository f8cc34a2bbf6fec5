/** Owns whose Slack account may be written to. Pure. */
import { type PersonId, type Policy, personById } from '@sallyport/core';

/** A Slack account. */
export interface Account {
  readonly team: string;
  readonly user: string;
}

/** The Slack account of a person, if it is of a team we may write to. */
export function accountOf(policy: Policy, id: PersonId, teams: ReadonlySet<string>): Account | undefined {
  const slack = personById(policy, id)?.slack;
  return slack !== undefined && teams.has(slack.team) ? slack : undefined;
}
