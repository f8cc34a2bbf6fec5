/** Owns the honest defaults of tests: the example world of the contract, and one of each thing in it. */
import {
  type Access,
  type AccessCase,
  type AccessRequest,
  type ApprovalLine,
  type Ask,
  type Attribution,
  after,
  applyEvent,
  type Client,
  type ClientId,
  canonicalAsk,
  type Decision,
  type FreshIds,
  type Grant,
  hours,
  type Instant,
  type Issuer,
  type IssuerName,
  type Json,
  minutes,
  type PersonEntry,
  type PersonId,
  type Policy,
  type Principal,
  parsePolicyVersion,
  person,
  type Reference,
  type Resource,
  type ResourceId,
  type Role,
  type RoleId,
  type Rule,
  type RuleId,
  type Scope,
  type Step,
  scopeSet,
  startGrant,
  stepOf,
  type WorkloadEntry,
  type WorkloadId,
  workload,
} from '@sallyport/core';
import { NOON, seededChance, sha256Hashing } from './fixed-clock.ts';

export const ALICE = person('alice@acme.test');
export const BOB = person('bob@acme.test');
export const CAROL = person('carol@acme.test');
export const DAN = person('dan@acme.test');
/** In the directory, in no group, nobody's manager: an outsider to every request. */
export const DAVE = person('dave@acme.test');
export const DEPLOY = workload('payments-deploy');
export const ORDERS = 'orders-db' as ResourceId;
export const BILLING = 'billing-api' as ResourceId;
export const READ = 'read' as RoleId;
export const ADMIN = 'admin' as RoleId;
export const ORDERS_READ = 'orders:read' as Scope;
export const ORDERS_WRITE = 'orders:write' as Scope;
export const CI = 'ci' as ClientId;
export const WORKFORCE = 'workforce' as IssuerName;
export const GITHUB = 'github' as IssuerName;

export const group = (name: string): Reference => ({ kind: 'group', name });
export const theManager: Reference = { kind: 'manager' };

/** One manager and one of the dbas, by distinct people. */
export const ADMIN_LINES: readonly ApprovalLine[] = [
  { count: 1, from: [group('dba')] },
  { count: 1, from: [theManager] },
];

const chance = seededChance('builders');

/** A person in no group, without a manager, with a subject at the workforce issuer. */
export function aPerson(id: PersonId, change: Partial<PersonEntry> = {}): PersonEntry {
  const handle = id.split('@')[0] ?? id;
  return {
    id,
    name: handle,
    groups: [],
    subject: { issuer: WORKFORCE, sub: handle },
    slack: { team: 'T01TEST', user: `U01${handle.toUpperCase()}` },
    enabled: true,
    ...change,
  };
}

/** A resource with the contract's defaults. */
export function aResource(id: ResourceId, roles: readonly Role[], change: Partial<Resource> = {}): Resource {
  return {
    id,
    name: id,
    audience: `https://${id}.acme.test`,
    risk: 'medium',
    token: { ttl: minutes(10), dpop: 'optional' },
    authorizationDetails: {},
    roles,
    enabled: true,
    ...change,
  };
}

/** A role of one hour. */
export function aRole(id: RoleId, scopes: readonly Scope[], change: Partial<Role> = {}): Role {
  return { id, scopes: scopeSet(scopes), maxDuration: hours(1), ...change };
}

/** A rule that needs approval by one dba. */
export function aRule(id: string, change: Partial<Rule> = {}): Rule {
  return {
    id: id as RuleId,
    who: [group('payments')],
    resource: ORDERS,
    roles: [ADMIN],
    effect: 'require_approval',
    approvals: [{ count: 1, from: [group('dba')] }],
    pendingTtl: hours(4),
    justificationMinLength: 0,
    ...change,
  };
}

/** An OAuth client without authentication that may exchange and poll. */
export function aClient(id: string, change: Partial<Client> = {}): Client {
  return {
    id: id as ClientId,
    auth: 'none',
    grantTypes: ['token-exchange', 'deferred'],
    introspect: [],
    requireDpop: false,
    enabled: true,
    ...change,
  };
}

const ISSUERS: readonly Issuer[] = [
  {
    name: GITHUB,
    kind: 'workload',
    issuer: 'https://token.actions.githubusercontent.com',
    audience: 'https://sallyport.acme.test',
    algorithms: ['RS256'],
    maxTokenAge: hours(1),
    preset: 'github',
    singleUse: true,
    enabled: true,
  },
  {
    name: WORKFORCE,
    kind: 'workforce',
    issuer: 'https://login.acme.test',
    audience: 'sallyport',
    algorithms: ['ES256', 'RS256'],
    maxTokenAge: hours(24),
    preset: 'generic',
    singleUse: false,
    enabled: true,
  },
];

const PEOPLE: readonly PersonEntry[] = [
  aPerson(ALICE.id, { name: 'Alice Ahn', groups: ['payments'], manager: BOB.id }),
  aPerson(BOB.id, { name: 'Bob Berg' }),
  aPerson(CAROL.id, { name: 'Carol Cole', groups: ['dba'] }),
  aPerson(DAN.id, { name: 'Dan Dorn', groups: ['dba'] }),
  aPerson(DAVE.id, { name: 'Dave Diaz' }),
];

const WORKLOADS: readonly WorkloadEntry[] = [
  {
    id: DEPLOY.id,
    issuer: GITHUB,
    match: { repository_id: '123', repository_owner_id: '42', ref: 'refs/heads/main' },
    owners: [group('payments')],
    enabled: true,
  },
  {
    id: 'reports-nightly' as WorkloadId,
    issuer: GITHUB,
    match: { repository_id: '456', repository_owner_id: '42', ref: 'refs/heads/main' },
    owners: [{ kind: 'person', id: DAVE.id }],
    enabled: true,
  },
];

const RESOURCES: readonly Resource[] = [
  aResource(
    ORDERS,
    [aRole(READ, [ORDERS_READ], { maxDuration: hours(8) }), aRole(ADMIN, [ORDERS_READ, ORDERS_WRITE])],
    {
      name: 'Orders database (production)',
      risk: 'high',
      slackChannel: 'C01APPROVALS',
    },
  ),
  aResource(BILLING, [aRole('operator' as RoleId, ['billing:refund' as Scope])], { name: 'Billing' }),
];

const RULES: readonly Rule[] = [
  aRule('payments-read', { roles: [READ], effect: 'auto_approve', approvals: [] }),
  aRule('payments-admin', {
    who: [group('payments'), { kind: 'workload', id: DEPLOY.id }],
    approvals: ADMIN_LINES,
    justificationMinLength: 10,
  }),
  aRule('billing-operator', {
    resource: BILLING,
    roles: ['operator' as RoleId],
    approvals: [{ count: 1, from: [{ kind: 'person', id: BOB.id }] }],
  }),
];

/**
 * The example world of the contract: Alice (payments, managed by Bob) owns payments-deploy; Carol and Dan are dbas; Dave
 * is nobody. orders-db read is auto-approved, admin needs a dba and the manager. A second resource: billing-api.
 */
export function aPolicy(change: Partial<Omit<Policy, 'version'>> = {}): Policy {
  return versioned({
    issuers: ISSUERS,
    clients: [
      aClient('ci'),
      aClient('deployer'),
      aClient('orders-api', { auth: 'client_secret_basic', grantTypes: [], introspect: [ORDERS] }),
    ],
    people: PEOPLE,
    workloads: WORKLOADS,
    resources: RESOURCES,
    rules: RULES,
    delegations: [],
    ...change,
  });
}

/** The same policy with parts replaced, under its own version. */
export function changed(policy: Policy, change: Partial<Omit<Policy, 'version'>>): Policy {
  const { version: _, ...parts } = policy;
  return versioned({ ...parts, ...change });
}

/** A policy in which one person is changed; `undefined` removes them. */
export function withPerson(policy: Policy, id: string, change: Partial<PersonEntry> | undefined): Policy {
  const people = policy.people.flatMap((entry) => {
    if (entry.id !== id) return [entry];
    return change === undefined ? [] : [{ ...entry, ...change }];
  });
  return changed(policy, { people });
}

/** A policy in which one role of one resource is changed. */
export function withRole(policy: Policy, resource: ResourceId, role: RoleId, change: Partial<Role>): Policy {
  const resources = policy.resources.map((one) =>
    one.id === resource ? { ...one, roles: one.roles.map((r) => (r.id === role ? { ...r, ...change } : r)) } : one,
  );
  return changed(policy, { resources });
}

/** A policy in which one rule is changed; `undefined` removes it. */
export function withRule(policy: Policy, id: string, change: Partial<Rule> | undefined): Policy {
  const rules = policy.rules.flatMap((rule) => {
    if (rule.id !== id) return [rule];
    return change === undefined ? [] : [{ ...rule, ...change }];
  });
  return changed(policy, { rules });
}

function versioned(parts: Omit<Policy, 'version'>): Policy {
  const version = parsePolicyVersion(sha256Hashing.digestOf(JSON.stringify(parts as unknown as Json)));
  if (version === undefined) throw new Error('a policy version is a SHA-256');
  return { version, ...parts };
}

/** Alice asks for orders-db admin for 30 minutes, for the pipeline she owns. */
export function anAsk(change: Partial<Ask> = {}): Ask {
  return {
    subject: DEPLOY,
    requester: ALICE,
    resource: ORDERS,
    role: ADMIN,
    duration: minutes(30),
    tooLong: 'refuse',
    justification: 'rotate the leaked credentials',
    door: 'slack',
    ...change,
  };
}

/** Ids nobody has yet. */
export function freshIds(): FreshIds {
  return { request: chance.requestId(), decision: chance.decisionId(), grant: chance.grantId() };
}

const ADMIN_ACCESS: Access = {
  resource: ORDERS,
  role: ADMIN,
  audience: 'https://orders-db.acme.test',
  scopes: [ORDERS_READ, ORDERS_WRITE],
};

/** A request with a digest that fits; pending unless `status` says otherwise. */
export function aPendingRequest(change: Partial<Omit<AccessRequest, 'digest'>> = {}): AccessRequest {
  const openedAt = change.openedAt ?? NOON;
  const { status, ...asked } = {
    id: chance.requestId(),
    subject: DEPLOY as Principal,
    requester: ALICE as Principal,
    access: ADMIN_ACCESS,
    duration: minutes(30),
    justification: 'rotate the leaked credentials',
    policyVersion: aPolicy().version,
    ruleId: 'payments-admin' as RuleId,
    effect: 'require_approval' as const,
    lines: ADMIN_LINES,
    openedAt,
    expiresAt: after(openedAt, hours(4)),
    door: 'slack' as const,
    revision: 1,
    status: { state: 'pending' as const },
    ...change,
  };
  return { ...asked, digest: sha256Hashing.digestOf(canonicalAsk(asked)), status };
}

/** The step that opens such a request. */
export function anOpening(change: Partial<Omit<AccessRequest, 'digest' | 'status'>> = {}): Step {
  const request = aPendingRequest(change);
  return stepOf(undefined, [{ type: 'request.opened', at: request.openedAt, request }]);
}

/** A case whose request is pending and undecided. */
export function aPendingCase(change: Partial<Omit<AccessRequest, 'digest' | 'status'>> = {}): AccessCase {
  return anOpening(change).next;
}

/** A decision on the revision in force. */
export function aDecision(request: AccessRequest, change: Partial<Decision> = {}): Decision {
  return {
    id: chance.decisionId(),
    revision: request.revision,
    digest: request.digest,
    person: BOB.id,
    verdict: 'approve',
    lines: [1],
    at: request.openedAt,
    ...change,
  };
}

/** The grant this request would give if it were approved now. */
export function aGrantOf(request: AccessRequest, now: Instant = request.openedAt): Grant {
  return startGrant(chance.grantId(), request, { maxDuration: hours(8) }, now);
}

/** A case approved by Dan (dba) and Bob (manager), its grant live. */
export function aLiveGrant(
  change: Partial<Omit<AccessRequest, 'digest' | 'status'>> = {},
): AccessCase & { readonly grant: Grant } {
  const pending = aPendingCase(change);
  const at = pending.request.openedAt;
  const grant = aGrantOf(pending.request, at);
  const approved = stepOf(pending, [
    { type: 'decision.made', at, decision: aDecision(pending.request, { person: DAN.id, lines: [0] }) },
    { type: 'decision.made', at, decision: aDecision(pending.request, { person: BOB.id, lines: [1] }) },
    { type: 'request.approved', at, by: BOB.id },
    { type: 'grant.started', at, grant },
  ]);
  return { ...approved.next, grant };
}

/** Who did it: a person by REST, unless changed. */
export function byline(change: Partial<Attribution> = {}): Attribution {
  return { door: 'rest', principal: ALICE, traceId: 'trace-1', ...change };
}

/** Folds events from nothing, without versions: what the trail rebuilds. */
export function foldEvents(events: readonly Step['events'][number][]): AccessCase | undefined {
  return events.reduce<AccessCase | undefined>(applyEvent, undefined);
}
