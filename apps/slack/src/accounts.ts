/** Owns which Slack account is which person's, both ways round: the policy's word, else what people linked by themselves. */
import {
  accountOfPerson,
  type IdentityProblem,
  isBoundByPolicy,
  type PersonId,
  type Policy,
  personById,
  personOfAccount,
  type Result,
  type SlackAccount,
  type SlackLink,
  type SlackLinks,
} from '@sallyport/core';

export interface Accounts {
  /** The one person of an account. Throws when the store cannot be asked: a no, for nothing is done then. */
  personOf(policy: Policy, account: SlackAccount): Promise<Result<PersonId, IdentityProblem>>;
  /** The accounts of those of these people who have one. */
  of(policy: Policy, ids: readonly PersonId[]): Promise<ReadonlyMap<PersonId, SlackAccount>>;
  /** How somebody's account became theirs: by the policy, or by a link of their own; undefined: they have none. */
  howLinked(policy: Policy, id: PersonId): Promise<HowLinked | undefined>;
}

export type HowLinked = { readonly by: 'policy' } | { readonly by: 'themselves'; readonly link: SlackLink };

/** Makes the look-ups. Links are read anew each time; who is bound by the policy costs none. */
export function makeAccounts(links: Pick<SlackLinks, 'ofAccount' | 'ofPeople'>): Accounts {
  return {
    async personOf(policy, account) {
      const link = isBoundByPolicy(policy, account) ? undefined : await links.ofAccount(account);
      return personOfAccount(policy, account, link);
    },
    async of(policy, ids) {
      const unbound = ids.filter((id) => personById(policy, id)?.slack === undefined);
      const byPerson = new Map((await links.ofPeople(unbound)).map((link) => [link.person, link]));
      return new Map(
        ids.flatMap((id) => {
          const account = accountOfPerson(policy, id, byPerson.get(id));
          return account === undefined ? [] : [[id, account] as const];
        }),
      );
    },
    async howLinked(policy, id) {
      if (personById(policy, id)?.slack !== undefined) return { by: 'policy' };
      const [link] = await links.ofPeople([id]);
      return link !== undefined && accountOfPerson(policy, id, link) !== undefined
        ? { by: 'themselves', link }
        : undefined;
    },
  };
}
