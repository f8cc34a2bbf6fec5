/** From the words of a policy file to the core's Policy: defaults written out, texts given their types. */
import {
  type Client,
  type ClientId,
  type Delegation,
  type Duration,
  type Issuer,
  type IssuerName,
  instant,
  type JsonObject,
  type Login,
  minutes,
  type PersonEntry,
  type PersonId,
  type Policy,
  parseDuration,
  person,
  presetOf,
  type Reference,
  type Resource,
  type ResourceId,
  type RoleId,
  type Rule,
  type RuleId,
  type Scope,
  type WorkloadEntry,
  workload,
} from '@sallyport/core';
import type { ItemOf, LoginDocument, Section, SlackDocument } from './document.ts';

const TOKEN_TTL: Duration = minutes(10);
const PENDING_TTL: Duration = minutes(240);
const TOKEN_AGE_MAX: Duration = minutes(24 * 60);

export type Content = Omit<Policy, 'version'>;
export type Documents = {
  readonly [S in Section]: readonly ItemOf<S>[];
} & { readonly login?: LoginDocument; readonly slack?: SlackDocument };

/** The whole policy but its version, which is made of this. */
export function toContent(documents: Documents): Content {
  return {
    issuers: documents.issuers.map(toIssuer),
    clients: documents.clients.map(toClient),
    people: documents.people.map(toPerson),
    workloads: documents.workloads.map(toWorkload),
    resources: documents.resources.map(toResource),
    rules: documents.rules.map(toRule),
    delegations: documents.delegations.map(toDelegation),
    ...(documents.login === undefined ? {} : { login: toLogin(documents.login) }),
    ...(documents.slack === undefined ? {} : { slack: { fallbackChannel: documents.slack.fallback_channel } }),
  };
}

/** An issuer with its defaults: preset by its URL, single use for workloads. */
export function toIssuer(from: ItemOf<'issuers'>): Issuer {
  return {
    name: from.name as IssuerName,
    kind: from.kind,
    issuer: from.issuer,
    audience: from.audience,
    algorithms: from.algorithms ?? [],
    maxTokenAge: lengthOf(from.max_token_age, TOKEN_AGE_MAX),
    ...(from.jwks_uri === undefined ? {} : { jwksUri: from.jwks_uri }),
    ...(from.allow_private_address === true ? { allowPrivateAddress: true } : {}),
    preset: from.preset ?? presetOf(from.issuer),
    singleUse: from.single_use ?? from.kind === 'workload',
    enabled: from.enabled ?? true,
  };
}

function toClient(from: ItemOf<'clients'>): Client {
  return {
    id: from.id as ClientId,
    auth: from.auth,
    grantTypes: from.grant_types ?? [],
    ...(from.secret_sha256 === undefined ? {} : { secretSha256: from.secret_sha256 }),
    introspect: (from.introspect ?? []) as ResourceId[],
    ...(from.jwks === undefined ? {} : { jwks: from.jwks as JsonObject }),
    requireDpop: from.require_dpop ?? false,
    enabled: from.enabled ?? true,
  };
}

function toPerson(from: ItemOf<'people'>): PersonEntry {
  return {
    id: from.id as PersonId,
    name: from.name ?? from.id,
    groups: from.groups ?? [],
    ...(from.manager === undefined ? {} : { manager: from.manager as PersonId }),
    ...(from.subject === undefined
      ? {}
      : { subject: { issuer: from.subject.issuer as IssuerName, sub: from.subject.sub } }),
    ...(from.slack === undefined ? {} : { slack: from.slack }),
    ...(from.time_zone === undefined ? {} : { timeZone: from.time_zone }),
    ...(from.quiet_hours === undefined ? {} : { quietHours: toQuietHours(from.quiet_hours) }),
    ...(from.starts_as === undefined || from.starts_as.length === 0
      ? {}
      : { startsAs: from.starts_as.map(({ issuer, id }) => ({ issuer: issuer as IssuerName, id })) }),
    enabled: from.enabled ?? true,
  };
}

function toWorkload(from: ItemOf<'workloads'>): WorkloadEntry {
  return {
    id: workload(from.id).id as WorkloadEntry['id'],
    issuer: from.issuer as IssuerName,
    match: from.match,
    owners: (from.owners ?? []).map(toReference),
    enabled: from.enabled ?? true,
  };
}

function toResource(from: ItemOf<'resources'>): Resource {
  return {
    id: from.id as ResourceId,
    name: from.name ?? from.id,
    audience: from.audience,
    risk: from.risk ?? 'medium',
    ...(from.slack?.channel === undefined ? {} : { slackChannel: from.slack.channel }),
    ...(from.slack?.team === undefined ? {} : { slackTeam: from.slack.team }),
    token: { ttl: lengthOf(from.token?.ttl, TOKEN_TTL), dpop: from.token?.dpop ?? 'optional' },
    authorizationDetails: from.authorization_details ?? {},
    roles: (from.roles ?? []).map((role) => ({
      id: role.id as RoleId,
      scopes: (role.scopes ?? []) as Scope[],
      maxDuration: lengthOf(role.max_duration),
      ...(role.max_uses === undefined ? {} : { maxUses: role.max_uses }),
      ...(role.description === undefined ? {} : { description: role.description }),
    })),
    ...(from.description === undefined ? {} : { description: from.description }),
    ...(from.step_up === true ? { stepUp: true } : {}),
    enabled: from.enabled ?? true,
  };
}

function toRule(from: ItemOf<'rules'>): Rule {
  return {
    id: from.id as RuleId,
    who: (from.who ?? []).map(toReference),
    resource: from.resource as ResourceId,
    roles: (from.roles ?? []) as RoleId[],
    effect: from.effect,
    approvals: (from.approvals ?? []).map((line) => ({ count: line.count, from: (line.from ?? []).map(toReference) })),
    pendingTtl: lengthOf(from.pending_ttl, PENDING_TTL),
    justificationMinLength: from.justification?.min_length ?? 0,
    ...(from.remind === undefined ? {} : { remind: from.remind.map(({ after }) => lengthOf(after)) }),
    ...(from.escalate === undefined
      ? {}
      : { escalate: from.escalate.map(({ after, to = [] }) => ({ after: lengthOf(after), to: to.map(toReference) })) }),
    ...(from.step_up === true ? { stepUp: true } : {}),
  };
}

function toDelegation({ from, to, starts, ends }: ItemOf<'delegations'>): Delegation {
  return {
    from: from as PersonId,
    to: to as PersonId,
    starts: instant(Date.parse(starts)),
    ends: instant(Date.parse(ends)),
  };
}

/** `22:00-07:00` in minutes of the day. */
function toQuietHours(text: string): NonNullable<Policy['people'][number]['quietHours']> {
  const minuteOf = (at: number) => Number(text.slice(at, at + 2)) * 60 + Number(text.slice(at + 3, at + 5));
  return { fromMinute: minuteOf(0), toMinute: minuteOf(6) };
}

function toLogin(from: LoginDocument): Login {
  return { issuer: from.issuer as IssuerName, clientId: from.client_id };
}

/** `group:dba` and its like. The schema let nothing else through. */
export function toReference(text: string): Reference {
  const colon = text.indexOf(':');
  const [kind, rest] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  switch (kind) {
    case 'group':
      return { kind, name: rest };
    case 'person':
      return { kind, id: person(rest).id as PersonId };
    case 'workload':
      return { kind, id: workload(rest).id as WorkloadEntry['id'] };
    case 'manager':
    case 'anyone':
      return { kind };
    default:
      throw new Error('a reference that no schema let through');
  }
}

/** A duration the schema has let through. */
export function lengthOf(text: string, absent?: Duration): Duration;
export function lengthOf(text: string | undefined, absent: Duration): Duration;
export function lengthOf(text: string | undefined, absent?: Duration): Duration {
  const length = text === undefined ? absent : parseDuration(text);
  if (length === undefined) throw new Error('a duration that no schema let through');
  return length;
}
