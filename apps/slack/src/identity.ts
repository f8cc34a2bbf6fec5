/** Owns who a Slack account is: team, flags, then the one person of the policy bound to it; or a refusal. A failed look-up is a no. */
import {
  err,
  type IdentityProblem,
  ok,
  type PersonId,
  type Policies,
  type Policy,
  personBySlack,
  type RefusalOf,
  type Result,
} from '@sallyport/core';

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
}

export interface IdentityDeps {
  readonly policies: Policies;
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
      return bound(deps.policies.inForce(), actor);
    },
    forget: (user) => {
      kept.delete(user);
    },
  };
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

function bound(policy: Policy, { team, user }: Actor): Result<Identified, RefusalOf<'identity_rejected'>> {
  const listed = policy.people.filter((entry) => entry.slack?.team === team && entry.slack.user === user);
  if (listed.length === 0) return rejected('nobody_matches');
  if (listed.length > 1) return rejected('several_match');
  const entry = personBySlack(policy, team, user);
  return entry === undefined ? rejected('not_in_directory') : ok({ person: entry.id });
}

function rejected(why: IdentityProblem): Result<never, RefusalOf<'identity_rejected'>> {
  return err({ code: 'identity_rejected', why });
}
