/** Owns whose Slack account may be written to. Pure. */
import type { PersonId, SlackAccount } from '@sallyport/core';

/** The account of a person, if it is of a team we may write to. */
export function writableAccount(
  accounts: ReadonlyMap<PersonId, SlackAccount>,
  id: PersonId,
  teams: ReadonlySet<string>,
): SlackAccount | undefined {
  const account = accounts.get(id);
  return account !== undefined && teams.has(account.team) ? account : undefined;
}
