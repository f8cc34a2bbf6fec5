/** Owns who a Slack account is: team, flags, then the one person it is bound or linked to; or a refusal. A failed look-up is a no. */
import {
  err,
  type IdentityProblem,
  ok,
  type PersonId,
  type Policies,
  type RefusalOf,
  type Result,
  type SlackAccount,
} from '@sallyport/core';
import type { Accounts } from './accounts.ts';

/** Who acts, as the payload says: ids only, never a name, an address or a value. */
export interface Actor {
  /** The account's own team. */
  readonly team: string;
  readonly user: string;
  /** The team the payload was sent for. */
  readonly payloadTeam: string;
  readonly enterpriseInstall: boolean;
}

/** What Slack says of an account. */
export interface UserFacts {
  readonly team?: string;
  readonly deleted: boolean;
  readonly isBot: boolean;
  readonly isRestricted: boolean;
  readonly isUltraRestricted: boolean;
  readonly isStranger: boolean;
  /** What the account is called there: its owner may have chosen it freely. */
  readonly name?: string;
}

/** Asks Slack (`users.info`). Throws when there is no answer; undefined: Slack knows no such account. */
export type AskUserFacts = (user: string) => Promise<UserFacts | undefined>;

export interface IdentifyHow {
  /** Asked of Slack now, not from memory: for `risk: high`. */
  readonly live: boolean;
  /** Less access needs less proof: goes on when Slack cannot be asked (`revoke`, `cancel`). */
  readonly lenient?: boolean;
}

export interface Identified {
  readonly person: PersonId;
}

export interface Identities {
  /** Refusal: identity_rejected, whose `why` is for the log, the trail and the choice of the sentence. */
  identify(actor: Actor, how: IdentifyHow): Promise<Result<Identified, RefusalOf<'identity_rejected'>>>;
  /** Slack said that this account changed. */
  forget(user: string): void;
  /** What Slack says of an account, from memory or asked. Throws when there is no answer. */
  facts(user: string, how: Pick<IdentifyHow, 'live'>): Promise<UserFacts | undefined>;
}

export interface IdentityDeps {
  readonly policies: Policies;
  readonly accounts: Pick<Accounts, 'personOf'>;
  /** The allowed teams, once known. */
  readonly teams: () => ReadonlySet<string>;
  readonly ask: AskUserFacts;
  /** Milliseconds of a clock that only goes forward. */
  readonly monotonicMs?: () => number;
}

const FACTS_MS = 60_000;
const FACTS_KEPT_MAX = 5_000;

/** Builds the look-up. Facts are kept for 60 s. */
export function makeIdentities(deps: IdentityDeps): Identities {
  const monotonicMs = deps.monotonicMs ?? (() => performance.now());
  const kept = new Map<string, { readonly facts: UserFacts | undefined; readonly untilMs: number }>();

  async function factsOf(user: string, live: boolean): Promise<UserFacts | undefined> {
    const known = kept.get(user);
    if (!live && known !== undefined && monotonicMs() < known.untilMs) return known.facts;
    const facts = await deps.ask(user);
    if (kept.size >= FACTS_KEPT_MAX) kept.clear();
    kept.set(user, { facts, untilMs: monotonicMs() + FACTS_MS });
    return facts;
  }

  async function standing(actor: Actor, how: IdentifyHow): Promise<IdentityProblem | undefined> {
    try {
      return problemOf(await factsOf(actor.user, how.live), deps.teams());
    } catch {
      return how.lenient === true ? undefined : 'facts_unreachable';
    }
  }

  return {
    async identify(actor, how) {
      const outside = teamProblem(actor, deps.teams());
      if (outside !== undefined) return rejected(outside);
      const problem = await standing(actor, how);
      if (problem !== undefined) return rejected(problem);
      const owner = await deps.accounts.personOf(deps.policies.inForce(), accountOf(actor));
      return owner.ok ? ok({ person: owner.value }) : rejected(owner.error);
    },
    forget: (user) => {
      kept.delete(user);
    },
    facts: (user, { live }) => factsOf(user, live),
  };
}

/** The account somebody acts by. */
export function accountOf({ team, user }: Actor): SlackAccount {
  return { team, user };
}

/** Both teams are ours, and the app is installed in a workspace, not for an organisation. */
function teamProblem(actor: Actor, teams: ReadonlySet<string>): IdentityProblem | undefined {
  if (actor.enterpriseInstall) return 'enterprise_install';
  return teams.has(actor.payloadTeam) && teams.has(actor.team) ? undefined : 'foreign_team';
}

function problemOf(facts: UserFacts | undefined, teams: ReadonlySet<string>): IdentityProblem | undefined {
  if (facts === undefined || facts.isStranger) return 'stranger';
  if (facts.deleted) return 'deactivated';
  if (facts.isBot) return 'bot';
  if (facts.isRestricted || facts.isUltraRestricted) return 'guest';
  return facts.team === undefined || teams.has(facts.team) ? undefined : 'stranger';
}

function rejected(why: IdentityProblem): Result<never, RefusalOf<'identity_rejected'>> {
  return err({ code: 'identity_rejected', why });
}
