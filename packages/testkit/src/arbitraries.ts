/** Owns what property tests are fed: people, policies, asks, commands and times, small enough that clashes are common. */
import {
  type AccessCase,
  type ApprovalLine,
  type Ask,
  after,
  type DecisionId,
  type Duration,
  duration,
  type GrantId,
  hours,
  type Instant,
  minutes,
  openRequest,
  type PersonEntry,
  type PersonId,
  type Policy,
  type Principal,
  person,
  type Reference,
  type RequestCommand,
  type Role,
  type RoleId,
  type Rule,
  type Scope,
  scopeSet,
  seconds,
  type WorkloadEntry,
  type WorkloadId,
  workload,
} from '@sallyport/core';
import fc from 'fast-check';
import { aPerson, aPolicy, aResource, aRole, aRule, changed, freshIds, GITHUB, ORDERS } from './builders.ts';
import { NOON, seededChance, sha256Hashing } from './fixed-clock.ts';

/** Names few enough that the same person turns up in several places. */
export const PERSON_IDS: readonly PersonId[] = ['ann', 'ben', 'cat', 'dov', 'eve', 'fay'].map((id) => person(id).id);
const WORKLOAD_IDS: readonly WorkloadId[] = ['build', 'deploy'].map((id) => workload(id).id);
const GROUPS = ['dba', 'ops', 'pay'];
const SCOPES = ['s:a', 's:b', 's:c', 's:d'] as readonly string[] as readonly Scope[];
const ROLE_IDS = ['reader', 'writer'] as readonly string[] as readonly RoleId[];

export const personIds = fc.constantFrom(...PERSON_IDS);
export const scopes: fc.Arbitrary<readonly Scope[]> = fc.subarray([...SCOPES], { minLength: 1 }).map(scopeSet);
export const principals: fc.Arbitrary<Principal> = fc.oneof(
  { weight: 3, arbitrary: personIds.map((id) => person(id) as Principal) },
  fc.constantFrom(...WORKLOAD_IDS).map((id) => workload(id) as Principal),
);

/** Durations of whole seconds, from one second to about a day. */
export const durations: fc.Arbitrary<Duration> = fc.integer({ min: 1, max: 90_000 }).map(seconds);
/** Instants within a day of noon, to the millisecond. */
export const instants: fc.Arbitrary<Instant> = fc
  .integer({ min: 0, max: 86_400_000 })
  .map((ms) => after(NOON, duration(ms)));

const groupReferences: fc.Arbitrary<Reference> = fc
  .constantFrom(...GROUPS)
  .map((name) => ({ kind: 'group', name }) as const);
const personReferences: fc.Arbitrary<Reference> = personIds.map((id) => ({ kind: 'person', id }) as const);

/** References that can stand in an approval line. */
export const approverReferences: fc.Arbitrary<Reference> = fc.oneof(
  groupReferences,
  personReferences,
  fc.constant<Reference>({ kind: 'manager' }),
  fc.constant<Reference>({ kind: 'anyone' }),
);

/** References that can stand in `who`. */
export const whoReferences: fc.Arbitrary<Reference> = fc.oneof(
  groupReferences,
  personReferences,
  fc.constantFrom(...WORKLOAD_IDS).map((id) => ({ kind: 'workload', id }) as const),
  fc.constant<Reference>({ kind: 'anyone' }),
);

/** Lines of one or two people out of a few references; an empty `from` is nobody. */
export const approvalLines: fc.Arbitrary<readonly ApprovalLine[]> = fc.array(
  fc.record({ count: fc.integer({ min: 1, max: 2 }), from: fc.array(approverReferences, { maxLength: 3 }) }),
  { maxLength: 3 },
);

const peopleEntries: fc.Arbitrary<readonly PersonEntry[]> = fc
  .tuple(
    ...PERSON_IDS.map((id) =>
      fc.record({
        id: fc.constant(id),
        groups: fc.subarray(GROUPS),
        manager: fc.option(personIds, { nil: undefined }),
        enabled: fc.boolean().map((off) => !off || id !== 'fay'),
      }),
    ),
  )
  .map((entries) =>
    entries.map(({ manager, ...entry }) => aPerson(entry.id, manager === undefined ? entry : { ...entry, manager })),
  );

const workloadEntries: fc.Arbitrary<readonly WorkloadEntry[]> = fc
  .tuple(
    ...WORKLOAD_IDS.map((id) =>
      fc.record({
        id: fc.constant(id),
        issuer: fc.constant(GITHUB),
        match: fc.constant({ repository_id: String(id) }),
        owners: fc.array(fc.oneof(groupReferences, personReferences), { maxLength: 2 }),
        enabled: fc.constantFrom(true, true, true, false),
      }),
    ),
  )
  .map((entries) => [...entries]);

const roles: fc.Arbitrary<readonly Role[]> = fc
  .tuple(scopes, scopes, fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 480 }))
  .map(([few, many, short, long]) => [
    aRole(ROLE_IDS[0] ?? ('' as RoleId), few, { maxDuration: minutes(short) }),
    aRole(ROLE_IDS[1] ?? ('' as RoleId), [...few, ...many], { maxDuration: minutes(long) }),
  ]);

const ruleParts: fc.Arbitrary<Partial<Rule>> = fc.record({
  who: fc.array(whoReferences, { minLength: 0, maxLength: 3 }),
  roles: fc.subarray([...ROLE_IDS], { minLength: 1 }),
  effect: fc.constantFrom('require_approval', 'require_approval', 'auto_approve'),
  approvals: approvalLines,
  pendingTtl: fc.integer({ min: 1, max: 24 }).map(hours),
});

/** Whole policies over one resource: six people, two workloads, two roles, up to four rules. Most let somebody ask. */
export const policies: fc.Arbitrary<Policy> = fc
  .record({
    people: peopleEntries,
    workloads: workloadEntries,
    roles,
    rules: fc.array(ruleParts, { maxLength: 4 }),
    enabled: fc.constantFrom(true, true, true, true, true, false),
    ttl: fc.integer({ min: 1, max: 60 }).map(minutes),
  })
  .map(({ people, workloads, roles: ofResource, rules, enabled, ttl }) =>
    aPolicy({
      people,
      workloads,
      resources: [aResource(ORDERS, ofResource, { enabled, token: { ttl, dpop: 'optional' } })],
      rules: rules.map((rule, index) => aRule(`rule-${index}`, rule)),
    }),
  );

/** Asks against such a policy: sometimes too long, sometimes for scopes the role has not. */
export const asks: fc.Arbitrary<Ask> = fc
  .record({
    subject: principals,
    requester: principals,
    own: fc.boolean(),
    role: fc.constantFrom(...ROLE_IDS),
    scopes: fc.option(scopes, { nil: undefined }),
    duration: fc.option(
      fc.integer({ min: 60, max: 40_000 }).map((count) => seconds(count)),
      { nil: undefined },
    ),
    tooLong: fc.constantFrom('refuse', 'clamp'),
    notBeforeMs: fc.option(fc.integer({ min: -3_600_000, max: 7_200_000 }), { nil: undefined }),
  })
  .map(({ own, notBeforeMs, scopes: some, duration: length, ...rest }) => ({
    ...rest,
    requester: own ? rest.subject : rest.requester,
    resource: ORDERS,
    justification: 'because the build is red',
    door: 'rest' as const,
    ...(some === undefined ? {} : { scopes: some }),
    ...(length === undefined ? {} : { duration: length }),
    ...(notBeforeMs === undefined ? {} : { notBefore: (NOON + notBeforeMs) as Instant }),
  }));

const chance = seededChance('arbitraries');

export interface Opened {
  readonly policy: Policy;
  /** Opened at noon: pending, or with a grant where the rule approves by itself. */
  readonly opened: AccessCase;
}

const friendlyLines: fc.Arbitrary<readonly ApprovalLine[]> = fc.array(
  fc.record({ count: fc.constantFrom(1, 1, 2), from: fc.array(approverReferences, { minLength: 1, maxLength: 3 }) }),
  { minLength: 1, maxLength: 3 },
);

/** A case that a policy let somebody open, and that policy. Everybody is enabled; what follows may change that. */
export const openCases = (effect: Rule['effect'] = 'require_approval'): fc.Arbitrary<Opened> =>
  fc
    .record({ base: policies, ask: asks, lines: friendlyLines })
    .map(({ base, ask, lines }) => {
      const policy = changed(base, {
        people: base.people.map((entry) => ({ ...entry, enabled: true })),
        workloads: base.workloads.map((entry) => ({
          ...entry,
          enabled: true,
          owners: [...entry.owners, { kind: 'anyone' as const }],
        })),
        resources: base.resources.map((resource) => ({ ...resource, enabled: true })),
        rules: [
          aRule('front', {
            who: [{ kind: 'anyone' }],
            roles: [ask.role],
            effect,
            approvals: lines,
            pendingTtl: hours(4),
          }),
          ...base.rules,
        ],
      });
      const requester =
        ask.subject.kind === 'person' || ask.requester.kind === 'workload' ? ask.subject : ask.requester;
      const { scopes: _, ...whole } = ask;
      const fitting: Ask = { ...whole, requester, tooLong: 'clamp' };
      const step = openRequest(freshIds(), fitting, { now: NOON, policy }, sha256Hashing.digestOf);
      return step.ok ? { policy, opened: step.value.next } : undefined;
    })
    .filter((made) => made !== undefined);

/** Commands on a request: people's verdicts on the first or a later revision, some narrowing, and cancels. */
export const requestCommands: fc.Arbitrary<RequestCommand> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        person: personIds,
        verdict: fc.constantFrom('approve', 'approve', 'approve', 'deny'),
        revision: fc.constantFrom(1, 1, 1, 2, 3),
        narrow: fc.option(
          fc.record({
            scopes: fc.option(scopes, { nil: undefined }),
            length: fc.option(minuteLengths(), { nil: undefined }),
          }),
          { freq: 4, nil: undefined },
        ),
      })
      .map(({ narrow, ...decide }) => ({
        kind: 'decide' as const,
        id: chance.decisionId() as DecisionId,
        grantId: chance.grantId() as GrantId,
        ...decide,
        ...(narrow === undefined
          ? {}
          : {
              narrow: {
                ...(narrow.scopes === undefined ? {} : { scopes: narrow.scopes }),
                ...(narrow.length === undefined ? {} : { duration: narrow.length }),
              },
            }),
      })),
  },
  { weight: 1, arbitrary: principals.map((by) => ({ kind: 'cancel' as const, by })) },
);

function minuteLengths(): fc.Arbitrary<Duration> {
  return fc.integer({ min: 1, max: 120 }).map(minutes);
}
