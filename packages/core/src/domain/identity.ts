/** Identity: which one principal a verified token or a Slack account stands for, by the policy and nothing else. */
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { type Issuer, type IssuerName, isInForce, type Policy, type Preset, type WorkloadEntry } from './policy.ts';
import { type Principal, person, workload } from './principal.ts';
import { err, ok, type Result } from './result.ts';

/** Why a token or account stands for nobody. For the log and the trail, never for the caller. */
export type IdentityProblem =
  | 'nobody_matches'
  | 'several_match'
  | 'event_refused'
  | 'not_in_directory'
  | 'foreign_team'
  | 'enterprise_install'
  | 'guest'
  | 'bot'
  | 'stranger'
  | 'deactivated'
  | 'facts_unreachable';

/** Runs somebody outside may start: refused unless the workload's `match` names the claim. */
const REFUSED_RUNS: Readonly<Record<Preset, Readonly<Record<string, readonly string[]>>>> = {
  github: { event_name: ['pull_request_target', 'pull_request', 'workflow_run', 'issue_comment'] },
  gitlab: { pipeline_source: ['merge_request_event', 'external_pull_request_event'] },
  buildkite: {},
  kubernetes: {},
  generic: {},
};

/** Claims of which at least one must be named by `match`, because names can be taken over and ids cannot. */
export const IMMUTABLE_IDS: Readonly<Record<Preset, readonly string[]>> = {
  github: ['repository_id'],
  gitlab: ['project_id'],
  buildkite: ['pipeline_id'],
  kubernetes: ['kubernetes.io'],
  generic: [],
};

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
  if (first.entry !== undefined && runRefused(issuer.preset, first.entry.match, claims)) return err('event_refused');
  return ok(first.principal);
}

interface Candidate {
  readonly principal: Principal;
  readonly entry?: WorkloadEntry;
}

function peopleOf(policy: Policy, issuer: IssuerName, claims: JsonObject): readonly Candidate[] {
  return policy.people
    .filter((entry) => entry.subject?.issuer === issuer && entry.subject.sub === claims.sub)
    .map((entry) => ({ principal: person(entry.id) }));
}

function workloadsOf(policy: Policy, issuer: Issuer, claims: JsonObject): readonly Candidate[] {
  return policy.workloads
    .filter((entry) => entry.issuer === issuer.name && matches(entry.match, claims))
    .map((entry) => ({ principal: workload(entry.id), entry }));
}

function runRefused(preset: Preset, match: JsonObject, claims: JsonObject): boolean {
  return Object.entries(REFUSED_RUNS[preset]).some(
    ([claim, refused]) => !Object.hasOwn(match, claim) && refused.includes(String(claims[claim])),
  );
}

/** Whether every member of `match` equals the claim of that name: whole values of equal type, nested maps member by member. */
export function matches(match: JsonObject, claims: JsonObject): boolean {
  const wanted = Object.entries(match);
  return (
    wanted.length > 0 &&
    wanted.every(([name, value]) => Object.hasOwn(claims, name) && matchesValue(value, claims[name]))
  );
}

function matchesValue(wanted: Json, found: Json | undefined): boolean {
  if (isJsonObject(wanted)) return isJsonObject(found) && matches(wanted, found);
  return typeof wanted === typeof found && wanted === found;
}
