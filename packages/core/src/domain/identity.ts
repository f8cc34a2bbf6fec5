/** Identity: which one principal a verified token or a Slack account stands for, by the policy and nothing else. */
import { claimAt, matches } from './claims.ts';
import type { JsonObject } from './json.ts';
import { type Issuer, type IssuerName, isInForce, type Policy, peopleBySubject, type WorkloadEntry } from './policy.ts';
import { PRESETS, type PresetRules } from './presets.ts';
import { type PersonId, type Principal, person, workload } from './principal.ts';
import { err, ok, type Result } from './result.ts';
import { workloadCandidates } from './workload-candidates.ts';

/** Why a token or account stands for nobody. For the log and the trail, never for the caller. */
export type IdentityProblem =
  | 'nobody_matches'
  | 'several_match'
  | 'event_refused'
  | 'unbound'
  | 'not_in_directory'
  | 'foreign_team'
  | 'enterprise_install'
  | 'guest'
  | 'bot'
  | 'stranger'
  | 'deactivated'
  /** The policy itself says who it is: what people link by themselves does not change that. */
  | 'bound_by_policy'
  | 'facts_unreachable';

/**
 * The one principal of a verified token: a person by issuer and `sub`, or a workload by its `match`.
 * None, two, or a principal not in force: refused.
 */
export function identify(policy: Policy, issuer: Issuer, claims: JsonObject): Result<Principal, IdentityProblem> {
  const found =
    issuer.kind === 'workforce' ? peopleOf(policy, issuer.name, claims) : workloadsOf(policy, issuer, claims);
  const [first, ...others] = found;
  if (first === undefined) return err('nobody_matches');
  if (others.length > 0) return err('several_match');
  if (!isInForce(policy, first.principal)) return err('not_in_directory');
  const problem = first.entry && runProblem(PRESETS[issuer.preset], first.entry.match, claims);
  return problem === undefined ? ok(first.principal) : err(problem);
}

/**
 * The person who started the run a workload's token is about: where its claims name a starter and the policy says who
 * that is, also if they are disabled. A name is never enough, only the id.
 */
export function starterOf(policy: Policy, issuer: Issuer, claims: JsonObject): PersonId | undefined {
  const claim = PRESETS[issuer.preset].starter;
  const id = issuer.kind === 'workload' && claim !== undefined ? claimAt(claims, [claim]) : undefined;
  if (id === undefined) return undefined;
  return policy.people.find((entry) => entry.startsAs?.some((one) => one.issuer === issuer.name && one.id === id))?.id;
}

interface Candidate {
  readonly principal: Principal;
  readonly entry?: WorkloadEntry;
}

function peopleOf(policy: Policy, issuer: IssuerName, claims: JsonObject): readonly Candidate[] {
  const found = typeof claims.sub === 'string' ? peopleBySubject(policy, issuer, claims.sub) : [];
  return found.map((entry) => ({ principal: person(entry.id) }));
}

function workloadsOf(policy: Policy, issuer: Issuer, claims: JsonObject): readonly Candidate[] {
  return workloadCandidates(policy.workloads, claims)
    .filter((entry) => entry.issuer === issuer.name && matches(entry.match, claims))
    .map((entry) => ({ principal: workload(entry.id), entry }));
}

/** A run that outsiders can start, or a token that outlives what it was made for: unless `match` names just that. */
function runProblem({ runs, bound }: PresetRules, match: JsonObject, claims: JsonObject): IdentityProblem | undefined {
  if (runs !== undefined && !Object.hasOwn(match, runs.claim)) {
    const run = claimAt(claims, [runs.claim]);
    if (run !== undefined && !(typeof run === 'string' && runs.ordinary.includes(run))) return 'event_refused';
  }
  if (bound === undefined || claimAt(claims, bound.to) !== undefined) return undefined;
  return bound.or.some((other) => claimAt(match, other) !== undefined) ? undefined : 'unbound';
}
