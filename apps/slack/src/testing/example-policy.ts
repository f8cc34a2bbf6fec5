/** Owns the policies of these tests: the example world, and one where everybody doubtful could approve. */
import type { PersonId, Policy } from '@sallyport/core';
import { aPerson, aPolicy, changed, DAVE, withPerson } from '@sallyport/testkit/core';

const TEAM = 'T01TEST';

/** The example world of the contract; Dave of the workspace is linked to nobody. */
export function examplePolicy(): Policy {
  return withPerson(aPolicy(), DAVE.id, { slack: { team: TEAM, user: 'U01NOBODY' } });
}

/** Guests, the deactivated one, the bot and the stranger are dbas too: only their flags stand between them and a decision. */
export function policyOfDoubtfulApprovers(): Policy {
  const base = examplePolicy();
  const doubtful = [
    ['gina', 'U01GINA', TEAM],
    ['solo', 'U01SOLO', TEAM],
    ['greg', 'U01GREG', TEAM],
    ['robot', 'U01BOT', TEAM],
    ['eve', 'U02EVE', 'T02OTHER'],
  ] as const;
  const people = doubtful.map(([name, user, team]) =>
    aPerson(`${name}@acme.test` as PersonId, { groups: ['dba'], slack: { team, user } }),
  );
  return changed(base, { people: [...base.people, ...people] });
}
