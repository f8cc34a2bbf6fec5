/** Policy: the compiled, immutable rules of who may ask for what and who must say yes; types and lookups. */
import type { ResourceId, RoleId, Scope } from './access.ts';
import type { PolicyVersion } from './ids.ts';
import type { Duration, Instant } from './instant.ts';
import type { JsonObject } from './json.ts';
import { allBy, firstBy } from './lookup.ts';
import { type Person, type PersonId, type Principal, person, type Workload, type WorkloadId } from './principal.ts';

export type IssuerName = string & { readonly __issuer: true };
export type ClientId = string & { readonly __client: true };
export type RuleId = string & { readonly __rule: true };

export type Preset = 'github' | 'gitlab' | 'kubernetes' | 'buildkite' | 'generic';

/** A trusted issuer of tokens about people (`workforce`) or pipelines (`workload`). */
export interface Issuer {
  readonly name: IssuerName;
  readonly kind: 'workforce' | 'workload';
  /** Compared byte for byte with `iss`. */
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  readonly maxTokenAge: Duration;
  readonly jwksUri?: string;
  /** Its keys may be fetched from an address inside the network. Absent: public ones only. */
  readonly allowPrivateAddress?: true;
  readonly preset: Preset;
  readonly singleUse: boolean;
  readonly enabled: boolean;
}

export type ClientAuth = 'none' | 'client_secret_basic' | 'private_key_jwt';
export type GrantTypeName = 'token-exchange' | 'deferred' | 'ciba' | 'device';

/** An OAuth client: the program that calls the token endpoint. */
export interface Client {
  readonly id: ClientId;
  readonly auth: ClientAuth;
  readonly grantTypes: readonly GrantTypeName[];
  readonly secretSha256?: string;
  /** Resources whose tokens this client may introspect. */
  readonly introspect: readonly ResourceId[];
  readonly jwks?: JsonObject;
  readonly requireDpop: boolean;
  readonly enabled: boolean;
}

/** A person of the directory. */
export interface PersonEntry {
  readonly id: PersonId;
  readonly name: string;
  readonly groups: readonly string[];
  readonly manager?: PersonId;
  readonly subject?: { readonly issuer: IssuerName; readonly sub: string };
  readonly slack?: { readonly team: string; readonly user: string };
  /** Their immutable ids at CI systems: runs started by one are theirs. */
  readonly startsAs?: readonly { readonly issuer: IssuerName; readonly id: string }[];
  /** IANA name. Absent: UTC. */
  readonly timeZone?: string;
  /** Not told of what can wait, by their own clock. */
  readonly quietHours?: QuietHours;
  readonly enabled: boolean;
}

/** From one minute of the day to another, over midnight where the end is earlier. */
export interface QuietHours {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** A pipeline or service, recognised by claims of its issuer's token. */
export interface WorkloadEntry {
  readonly id: WorkloadId;
  readonly issuer: IssuerName;
  /** Whole values of equal type; nested maps match nested claims; never empty. */
  readonly match: JsonObject;
  readonly owners: readonly Reference[];
  readonly enabled: boolean;
}

export interface Role {
  readonly id: RoleId;
  readonly scopes: readonly Scope[];
  readonly maxDuration: Duration;
  /** How many tokens one grant gives; absent: as many as time allows. */
  readonly maxUses?: number;
  readonly description?: string;
}

export type Risk = 'low' | 'medium' | 'high';

export interface Resource {
  readonly id: ResourceId;
  readonly name: string;
  readonly audience: string;
  readonly risk: Risk;
  readonly slackChannel?: string;
  /** Of which team that channel is; absent: the bot token's, or the only one there is. */
  readonly slackTeam?: string;
  readonly token: { readonly ttl: Duration; readonly dpop: 'optional' | 'required' };
  /** `authorization_details` type -> JSON Schema. */
  readonly authorizationDetails: JsonObject;
  readonly roles: readonly Role[];
  readonly description?: string;
  /** Who approves it confirms that by a fresh sign-in on the broker's own page. */
  readonly stepUp?: true;
  readonly enabled: boolean;
}

export type Reference =
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'person'; readonly id: PersonId }
  | { readonly kind: 'workload'; readonly id: WorkloadId }
  | { readonly kind: 'manager' }
  | { readonly kind: 'anyone' };

/** One line of a rule's approvals: so many distinct people out of these. */
export interface ApprovalLine {
  readonly count: number;
  readonly from: readonly Reference[];
}

export interface Rule {
  readonly id: RuleId;
  readonly who: readonly Reference[];
  readonly resource: ResourceId;
  readonly roles: readonly RoleId[];
  readonly effect: 'auto_approve' | 'require_approval';
  readonly approvals: readonly ApprovalLine[];
  readonly pendingTtl: Duration;
  readonly justificationMinLength: number;
  /** When, after the opening, those who have not decided are reminded. */
  readonly remind?: readonly Duration[];
  readonly escalate?: readonly Escalation[];
  /** As on a resource. */
  readonly stepUp?: true;
}

/** Who hears of it when nobody decided for so long. To be told gives no authority: who may decide the approval lines say. */
export interface Escalation {
  readonly after: Duration;
  readonly to: readonly Reference[];
}

/** While `from` is away, `to` may decide in their place: one hop, between two instants. */
export interface Delegation {
  readonly from: PersonId;
  readonly to: PersonId;
  readonly starts: Instant;
  readonly ends: Instant;
}

/** Where people sign in to the pages of the broker, and who we are there. */
export interface Login {
  readonly issuer: IssuerName;
  readonly clientId: string;
}

/** What holds for all of Slack. */
export interface SlackSettings {
  /** Takes the card where its own channel does not and no approver can be written to. */
  readonly fallbackChannel: string;
}

export interface Policy {
  readonly version: PolicyVersion;
  readonly issuers: readonly Issuer[];
  readonly clients: readonly Client[];
  readonly people: readonly PersonEntry[];
  readonly workloads: readonly WorkloadEntry[];
  readonly resources: readonly Resource[];
  readonly rules: readonly Rule[];
  readonly delegations: readonly Delegation[];
  /** Absent: nobody signs in. */
  readonly login?: Login;
  readonly slack?: SlackSettings;
}

const enabledOnly = <T extends { readonly enabled: boolean }>(found: T | undefined): T | undefined =>
  found?.enabled ? found : undefined;

const issuerOfUrl = firstBy((issuer: Issuer) => issuer.issuer);
const issuerOfName = firstBy((issuer: Issuer) => issuer.name);
const clientOfId = firstBy((client: Client) => client.id);
const personOfId = firstBy((entry: PersonEntry) => entry.id);
const peopleOfSubject = allBy(({ subject }: PersonEntry) =>
  subject === undefined ? undefined : subjectKey(subject.issuer, subject.sub),
);
const workloadOfId = firstBy((entry: WorkloadEntry) => entry.id);
const resourceOfId = firstBy((resource: Resource) => resource.id);
const resourceOfAudience = firstBy((resource: Resource) => resource.audience);

/** The enabled issuer with exactly this `iss`. */
export function issuerByUrl(policy: Policy, url: string): Issuer | undefined {
  return enabledOnly(issuerOfUrl(policy.issuers, url));
}

/** The enabled issuer with this name. */
export function issuerByName(policy: Policy, name: IssuerName): Issuer | undefined {
  return enabledOnly(issuerOfName(policy.issuers, name));
}

/** The enabled workforce issuer people sign in at, with our client there as its audience; undefined: nobody signs in. */
export function loginIssuer(policy: Policy): Issuer | undefined {
  const { login } = policy;
  const issuer = login === undefined ? undefined : issuerByName(policy, login.issuer);
  return login === undefined || issuer?.kind !== 'workforce' ? undefined : { ...issuer, audience: login.clientId };
}

/** The enabled client with this id. */
export function clientById(policy: Policy, id: string): Client | undefined {
  return enabledOnly(clientOfId(policy.clients, id));
}

/** The enabled person with this id. */
export function personById(policy: Policy, id: string): PersonEntry | undefined {
  return enabledOnly(personOfId(policy.people, id));
}

/** Everybody whose `subject` is this `sub` of this issuer: at most one in a policy that was checked. */
export function peopleBySubject(policy: Policy, issuer: IssuerName, sub: string): readonly PersonEntry[] {
  return peopleOfSubject(policy.people, subjectKey(issuer, sub));
}

function subjectKey(issuer: IssuerName, sub: string): string {
  return JSON.stringify([issuer, sub]);
}

/** The enabled workload with this id. */
export function workloadById(policy: Policy, id: string): WorkloadEntry | undefined {
  return enabledOnly(workloadOfId(policy.workloads, id));
}

/** The enabled resource with this id. */
export function resourceById(policy: Policy, id: string): Resource | undefined {
  return enabledOnly(resourceOfId(policy.resources, id));
}

/** The enabled resource named by its audience URI. */
export function resourceByAudience(policy: Policy, audience: string): Resource | undefined {
  return enabledOnly(resourceOfAudience(policy.resources, audience));
}

/** The role of a resource. */
export function roleOf(resource: Resource, id: string): Role | undefined {
  return resource.roles.find((role) => role.id === id);
}

/**
 * Whether a principal is in force: listed, enabled, and (a workload, or a person bound to an issuer) its issuer too.
 * A person without an issuer binding can still act in Slack.
 */
export function isInForce(policy: Policy, principal: Principal): boolean {
  if (principal.kind === 'person') return isPersonInForce(policy, principal.id);
  const entry = workloadById(policy, principal.id);
  return entry !== undefined && issuerByName(policy, entry.issuer) !== undefined;
}

function isPersonInForce(policy: Policy, id: PersonId): boolean {
  const entry = personById(policy, id);
  if (entry === undefined) return false;
  return entry.subject === undefined || issuerByName(policy, entry.subject.issuer) !== undefined;
}

/** Whether a person is listed by a reference that needs no context: group, person, anyone. `manager` and workloads never match here. */
export function refersToPerson(policy: Policy, reference: Reference, id: PersonId): boolean {
  const entry = personById(policy, id);
  return entry !== undefined && refersToEntry(reference, entry);
}

function refersToEntry(reference: Reference, entry: PersonEntry): boolean {
  switch (reference.kind) {
    case 'group':
      return entry.groups.includes(reference.name);
    case 'person':
      return reference.id === entry.id;
    case 'anyone':
      return true;
    case 'workload':
    case 'manager':
      return false;
  }
}

/** The enabled people who own a workload. */
export function ownersOf(policy: Policy, id: WorkloadId): readonly PersonEntry[] {
  const entry = workloadById(policy, id);
  if (entry === undefined) return [];
  return policy.people.filter((one) => one.enabled && entry.owners.some((owner) => refersToEntry(owner, one)));
}

/** Whether this person owns this workload. */
export function owns(policy: Policy, id: PersonId, owned: WorkloadId): boolean {
  return ownersOf(policy, owned).some((owner) => owner.id === id);
}

/** The enabled workloads a person owns. */
export function workloadsOwnedBy(policy: Policy, id: PersonId): readonly WorkloadEntry[] {
  return policy.workloads.filter((entry) => entry.enabled && owns(policy, id, entry.id));
}

/**
 * The managers a request answers to: the subject's; for a workload the requester's, or, if it asked itself, any owner's.
 * Disabled or unlisted managers are nobody.
 */
export function managersOf(policy: Policy, subject: Principal, requester: Principal): readonly Person[] {
  const reports = reportsOf(policy, subject, requester);
  const managers = reports.flatMap((report) => (report.manager === undefined ? [] : [report.manager]));
  return [...new Set(managers)].filter((id) => personById(policy, id) !== undefined).map((id) => person(id));
}

function reportsOf(policy: Policy, subject: Principal, requester: Principal): readonly PersonEntry[] {
  const answering: Person | Workload = subject.kind === 'person' ? subject : requester;
  if (answering.kind === 'workload') return ownersOf(policy, answering.id);
  const entry = personById(policy, answering.id);
  return entry === undefined ? [] : [entry];
}
