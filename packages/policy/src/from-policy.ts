/** From the core's Policy back to the words of a policy file, with every default written out: the one form that is stored and hashed. */
import { formatDuration, type Login, type Policy, type QuietHours, type Reference } from '@sallyport/core';
import type { ItemOf, LoginDocument, PolicyDocument } from './document.ts';
import type { Content } from './to-policy.ts';

/** One joined document. `toContent` of it gives the same content again. */
export function toDocument(content: Content): PolicyDocument {
  return {
    version: 1,
    issuers: content.issuers.map(fromIssuer),
    clients: content.clients.map(fromClient),
    people: content.people.map(fromPerson),
    workloads: content.workloads.map((entry) => ({
      id: entry.id,
      issuer: entry.issuer,
      match: entry.match as ItemOf<'workloads'>['match'],
      owners: entry.owners.map(referenceText),
      enabled: entry.enabled,
    })),
    resources: content.resources.map(fromResource),
    rules: content.rules.map(fromRule),
    ...(content.delegations.length === 0 ? {} : { delegations: content.delegations.map(fromDelegation) }),
    ...(content.login === undefined ? {} : { login: fromLogin(content.login) }),
    ...(content.slack === undefined ? {} : { slack: { fallback_channel: content.slack.fallbackChannel } }),
  };
}

function fromIssuer(issuer: Policy['issuers'][number]): ItemOf<'issuers'> {
  return {
    name: issuer.name,
    kind: issuer.kind,
    issuer: issuer.issuer,
    audience: issuer.audience,
    algorithms: [...issuer.algorithms] as ItemOf<'issuers'>['algorithms'],
    max_token_age: formatDuration(issuer.maxTokenAge),
    ...(issuer.jwksUri === undefined ? {} : { jwks_uri: issuer.jwksUri }),
    ...(issuer.allowPrivateAddress === undefined ? {} : { allow_private_address: true }),
    preset: issuer.preset,
    single_use: issuer.singleUse,
    enabled: issuer.enabled,
  };
}

function fromClient(client: Policy['clients'][number]): ItemOf<'clients'> {
  return {
    id: client.id,
    auth: client.auth,
    grant_types: [...client.grantTypes],
    ...(client.secretSha256 === undefined ? {} : { secret_sha256: client.secretSha256 }),
    introspect: [...client.introspect],
    ...(client.jwks === undefined ? {} : { jwks: client.jwks as ItemOf<'clients'>['jwks'] }),
    require_dpop: client.requireDpop,
    enabled: client.enabled,
  };
}

function fromPerson(entry: Policy['people'][number]): ItemOf<'people'> {
  return {
    id: entry.id,
    name: entry.name,
    groups: [...entry.groups],
    ...(entry.manager === undefined ? {} : { manager: entry.manager }),
    ...(entry.subject === undefined ? {} : { subject: { ...entry.subject } }),
    ...(entry.slack === undefined ? {} : { slack: { ...entry.slack } }),
    ...(entry.timeZone === undefined ? {} : { time_zone: entry.timeZone }),
    ...(entry.quietHours === undefined ? {} : { quiet_hours: quietHoursText(entry.quietHours) }),
    ...(entry.startsAs === undefined ? {} : { starts_as: entry.startsAs.map((one) => ({ ...one })) }),
    enabled: entry.enabled,
  };
}

function slackOf({
  slackChannel: channel,
  slackTeam: team,
}: Policy['resources'][number]): Pick<ItemOf<'resources'>, 'slack'> {
  if (channel === undefined && team === undefined) return {};
  return { slack: { ...(channel === undefined ? {} : { channel }), ...(team === undefined ? {} : { team }) } };
}

function fromResource(resource: Policy['resources'][number]): ItemOf<'resources'> {
  return {
    id: resource.id,
    name: resource.name,
    audience: resource.audience,
    risk: resource.risk,
    ...slackOf(resource),
    token: { ttl: formatDuration(resource.token.ttl), dpop: resource.token.dpop },
    authorization_details: resource.authorizationDetails as ItemOf<'resources'>['authorization_details'],
    roles: resource.roles.map((role) => ({
      id: role.id,
      scopes: [...role.scopes],
      max_duration: formatDuration(role.maxDuration),
      ...(role.maxUses === undefined ? {} : { max_uses: role.maxUses }),
      ...(role.description === undefined ? {} : { description: role.description }),
    })),
    ...(resource.description === undefined ? {} : { description: resource.description }),
    ...(resource.stepUp === undefined ? {} : { step_up: true }),
    enabled: resource.enabled,
  };
}

function fromRule(rule: Policy['rules'][number]): ItemOf<'rules'> {
  return {
    id: rule.id,
    who: rule.who.map(referenceText),
    resource: rule.resource,
    roles: [...rule.roles],
    effect: rule.effect,
    approvals: rule.approvals.map((line) => ({ count: line.count, from: line.from.map(referenceText) })),
    pending_ttl: formatDuration(rule.pendingTtl),
    justification: { min_length: rule.justificationMinLength },
    ...(rule.remind === undefined ? {} : { remind: rule.remind.map((after) => ({ after: formatDuration(after) })) }),
    ...(rule.escalate === undefined
      ? {}
      : {
          escalate: rule.escalate.map(({ after, to }) => ({ after: formatDuration(after), to: to.map(referenceText) })),
        }),
    ...(rule.stepUp === undefined ? {} : { step_up: true }),
  };
}

function fromDelegation({ from, to, starts, ends }: Policy['delegations'][number]): ItemOf<'delegations'> {
  return { from, to, starts: new Date(starts).toISOString(), ends: new Date(ends).toISOString() };
}

function quietHoursText({ fromMinute, toMinute }: QuietHours): string {
  const clock = (minute: number) =>
    [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
  return `${clock(fromMinute)}-${clock(toMinute)}`;
}

function fromLogin({ issuer, clientId }: Login): LoginDocument {
  return { issuer, client_id: clientId };
}

/** `group:dba`, `person:bob@acme.test`, `workload:deploy`, `manager`, `anyone`. */
export function referenceText(reference: Reference): string {
  switch (reference.kind) {
    case 'group':
      return `group:${reference.name}`;
    case 'person':
    case 'workload':
      return `${reference.kind}:${reference.id}`;
    case 'manager':
    case 'anyone':
      return reference.kind;
  }
}
