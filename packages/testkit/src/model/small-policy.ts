/** Owns the model's own notion of the policy: a few switches, what they mean written naively, and how they look as a Policy. */
import {
  type ApprovalLine,
  hours,
  instant,
  minutes,
  type Policy,
  type Principal,
  person,
  type ResourceId,
  type Role,
  type RoleId,
  type Scope,
} from '@sallyport/core';
import {
  ADMIN,
  ADMIN_LINES,
  ALICE,
  aPerson,
  aPolicy,
  aResource,
  aRole,
  aRule,
  BILLING,
  BOB,
  CAROL,
  DAN,
  DAVE,
  DEPLOY,
  group,
  ORDERS,
  ORDERS_READ,
  ORDERS_WRITE,
  READ,
} from '../builders.ts';

export const PEOPLE = [ALICE.id, BOB.id, CAROL.id, DAN.id, DAVE.id] as const;
export const OPERATOR = 'operator' as RoleId;
export const PEEK = 'peek' as RoleId;
export const REFUND = 'billing:refund' as Scope;
export const LOOK = 'billing:look' as Scope;
const PAYMENTS = group('payments');
const WHO = [PAYMENTS, { kind: 'workload' as const, id: DEPLOY.id }];

/** Who fits a line: somebody of the dbas, a manager of who asked, Bob himself. */
export type LineKind = 'dba' | 'manager' | 'bob';

export interface SmallPerson {
  readonly groups: readonly string[];
  readonly manager?: string;
  readonly enabled: boolean;
}

/** What can change while the product runs. */
export interface SmallPolicy {
  readonly people: Readonly<Record<string, SmallPerson | undefined>>;
  readonly adminScopes: readonly Scope[];
  readonly adminMinutesMax: number;
  readonly adminRule: boolean;
  readonly readRule: boolean;
  /** Whether the read rule approves by itself, or asks a dba. */
  readonly readAuto: boolean;
  readonly ordersEnabled: boolean;
  readonly clientEnabled: boolean;
  readonly deployEnabled: boolean;
  /** How many tokens a grant on billing gives. */
  readonly billingUsesMax: number;
  /** Who decides in whose place, from and until when (epoch milliseconds). */
  readonly delegations: readonly SmallDelegation[];
}

export interface SmallDelegation {
  readonly from: string;
  readonly to: string;
  readonly starts: number;
  readonly ends: number;
}

/** What somebody may say: as whom, and to which lines. */
export interface Say {
  readonly as: string;
  readonly lines: readonly number[];
}

export interface SmallRole {
  readonly resource: ResourceId;
  readonly id: RoleId;
  readonly scopes: readonly Scope[];
  readonly minutesMax: number;
  readonly auto: boolean;
  readonly lines: readonly LineKind[];
  /** At most so many tokens of one grant. */
  readonly usesMax?: number;
  readonly ruled: boolean;
}

export const START: SmallPolicy = {
  people: {
    [ALICE.id]: { groups: ['payments'], manager: BOB.id, enabled: true },
    [BOB.id]: { groups: [], enabled: true },
    [CAROL.id]: { groups: ['dba'], enabled: true },
    [DAN.id]: { groups: ['dba'], enabled: true },
    [DAVE.id]: { groups: [], enabled: true },
  },
  adminScopes: [ORDERS_READ, ORDERS_WRITE],
  adminMinutesMax: 60,
  adminRule: true,
  readRule: true,
  readAuto: true,
  ordersEnabled: true,
  clientEnabled: true,
  deployEnabled: true,
  billingUsesMax: 1,
  delegations: [],
};

/** The roles there are, smallest first within a resource. */
export function rolesOf(p: SmallPolicy): readonly SmallRole[] {
  return [
    {
      resource: ORDERS,
      id: READ,
      scopes: [ORDERS_READ],
      minutesMax: 480,
      auto: p.readAuto,
      lines: p.readAuto ? [] : ['dba'],
      ruled: p.readRule,
    },
    {
      resource: ORDERS,
      id: ADMIN,
      scopes: p.adminScopes,
      minutesMax: p.adminMinutesMax,
      auto: false,
      lines: ['dba', 'manager'],
      ruled: p.adminRule,
    },
    {
      resource: BILLING,
      id: PEEK,
      scopes: [LOOK],
      minutesMax: 60,
      auto: true,
      lines: [],
      usesMax: p.billingUsesMax,
      ruled: true,
    },
    {
      resource: BILLING,
      id: OPERATOR,
      scopes: [REFUND],
      minutesMax: 60,
      auto: false,
      lines: ['bob'],
      usesMax: p.billingUsesMax,
      ruled: true,
    },
  ];
}

export function roleIn(p: SmallPolicy, id: RoleId): SmallRole {
  const found = rolesOf(p).find((role) => role.id === id);
  if (found === undefined) throw new Error(`the model has no role ${id}`);
  return found;
}

export function isEnabled(p: SmallPolicy, id: string): boolean {
  return p.people[id]?.enabled ?? false;
}

export function exists(p: SmallPolicy, who: Principal): boolean {
  return who.kind === 'person' ? isEnabled(p, who.id) : p.deployEnabled;
}

/** The payments people own the one workload, while it is there. */
function ownersOf(p: SmallPolicy): readonly string[] {
  return p.deployEnabled ? PEOPLE.filter((one) => isOwner(p, one)) : [];
}

/** Whether this is one of the payments people. */
export function isOwner(p: SmallPolicy, id: string): boolean {
  return isEnabled(p, id) && (p.people[id]?.groups.includes('payments') ?? false);
}

export function mayAskFor(p: SmallPolicy, requester: Principal, subject: Principal): boolean {
  if (requester.kind === subject.kind && requester.id === subject.id) return true;
  return requester.kind === 'person' && subject.kind === 'workload' && p.deployEnabled && isOwner(p, requester.id);
}

/** Whether some rule lets this subject have this role. */
export function isRuled(p: SmallPolicy, subject: Principal, role: SmallRole): boolean {
  if (!role.ruled || !exists(p, subject)) return false;
  return subject.kind === 'person' ? isOwner(p, subject.id) : role.id !== READ;
}

export function isResourceThere(p: SmallPolicy, resource: ResourceId): boolean {
  return resource !== ORDERS || p.ordersEnabled;
}

/** Which of these lines a person fits, by who they are now. */
export function fitting(
  p: SmallPolicy,
  lines: readonly LineKind[],
  id: string,
  subject: Principal,
  requester: Principal,
): readonly number[] {
  if (!isEnabled(p, id) || [subject, requester].some((own) => own.kind === 'person' && own.id === id)) return [];
  return lines.flatMap((line, index) => (fits(p, line, id, subject, requester) ? [index] : []));
}

/** As whom a person may decide now: as themselves, and as each who is away and named them. What fits no line is left out. */
export function says(
  p: SmallPolicy,
  lines: readonly LineKind[],
  id: string,
  { subject, requester }: { readonly subject: Principal; readonly requester: Principal },
  now: number,
): readonly Say[] {
  if (!isEnabled(p, id) || [subject, requester].some((own) => own.kind === 'person' && own.id === id)) return [];
  const away = p.delegations
    .filter((one) => one.to === id && one.starts <= now && now < one.ends)
    .map((one) => one.from);
  return [...new Set([id, ...away])]
    .map((as) => ({ as, lines: fitting(p, lines, as, subject, requester) }))
    .filter((say) => say.lines.length > 0);
}

function fits(p: SmallPolicy, line: LineKind, id: string, subject: Principal, requester: Principal): boolean {
  if (line === 'bob') return id === BOB.id;
  if (line === 'dba') return p.people[id]?.groups.includes('dba') ?? false;
  const answering = subject.kind === 'person' ? subject : requester;
  const reports = answering.kind === 'person' ? [String(answering.id)] : ownersOf(p);
  return reports.some((one) => isEnabled(p, one) && p.people[one]?.manager === id);
}

/** Whether everybody who could approve is enough for all lines, each person once. */
export function couldBeMet(
  p: SmallPolicy,
  lines: readonly LineKind[],
  subject: Principal,
  requester: Principal,
): boolean {
  return seatable(
    lines.length,
    PEOPLE.map((id) => fitting(p, lines, id, subject, requester)),
  );
}

/** Whether each of `places` lines can have its own person; people are the lines they fit. */
export function seatable(places: number, people: readonly (readonly number[])[]): boolean {
  if (places === 0) return false;
  const from = (line: number, free: readonly (readonly number[])[]): boolean =>
    line === places ||
    free.some(
      (one, index) => one.includes(line) && from(line + 1, [...free.slice(0, index), ...free.slice(index + 1)]),
    );
  return from(0, people);
}

/** Whether each of `places` lines can have its own person, each speaking as somebody no other speaks as. */
export function spoken(places: number, people: readonly (readonly Say[])[]): boolean {
  if (places === 0) return false;
  const from = (line: number, free: readonly (readonly Say[])[], taken: readonly string[]): boolean =>
    line === places ||
    free.some((one, index) =>
      one.some(
        ({ as, lines }) =>
          lines.includes(line) && !taken.includes(as) && from(line + 1, free.toSpliced(index, 1), [...taken, as]),
      ),
    );
  return from(0, people, []);
}

const LINES: Readonly<Record<LineKind, ApprovalLine>> = {
  dba: { count: 1, from: [group('dba')] },
  manager: { count: 1, from: [{ kind: 'manager' }] },
  bob: { count: 1, from: [{ kind: 'person', id: BOB.id }] },
};

/** The same as the product's policy. */
export function asPolicy(p: SmallPolicy): Policy {
  const base = aPolicy();
  const roles = (resource: ResourceId): readonly Role[] =>
    rolesOf(p)
      .filter((role) => role.resource === resource)
      .map(({ id, scopes, minutesMax, usesMax }) =>
        aRole(id, scopes, { maxDuration: minutes(minutesMax), ...(usesMax === undefined ? {} : { maxUses: usesMax }) }),
      );
  return aPolicy({
    clients: base.clients.map((client) => {
      if (client.id === 'ci') return { ...client, enabled: p.clientEnabled };
      return client.id === 'orders-api' ? { ...client, introspect: [ORDERS, BILLING] } : client;
    }),
    people: Object.entries(p.people).flatMap(([id, one]) =>
      one === undefined
        ? []
        : [
            aPerson(person(id).id, {
              groups: one.groups,
              enabled: one.enabled,
              ...(one.manager === undefined ? {} : { manager: person(one.manager).id }),
            }),
          ],
    ),
    workloads: base.workloads
      .filter((entry) => entry.id === DEPLOY.id)
      .map((entry) => ({ ...entry, enabled: p.deployEnabled })),
    resources: [aResource(ORDERS, roles(ORDERS), { enabled: p.ordersEnabled }), aResource(BILLING, roles(BILLING))],
    delegations: p.delegations.map(({ from, to, starts, ends }) => ({
      from: person(from).id,
      to: person(to).id,
      starts: instant(starts),
      ends: instant(ends),
    })),
    rules: rolesOf(p)
      .filter((role) => role.ruled)
      .map((role) =>
        aRule(`rule-${role.id}`, {
          who: role.id === READ ? [PAYMENTS] : WHO,
          resource: role.resource,
          roles: [role.id],
          effect: role.auto ? 'auto_approve' : 'require_approval',
          approvals: role.id === ADMIN ? ADMIN_LINES : role.lines.map((line) => LINES[line]),
          pendingTtl: hours(1),
        }),
      ),
  });
}
