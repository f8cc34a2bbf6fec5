/** Owns the commands by which people ask, decide and take back; each knows by the model's own rules what must come of it. */

import {
  type AccessCase,
  type Duration,
  minutes,
  type OnceKey,
  type Principal,
  person,
  type Refusal,
  type RequestId,
  type Result,
  type RoleId,
  type Scope,
  type Written,
} from '@sallyport/core';
import fc from 'fast-check';
import { ADMIN, ALICE, BOB, byline, DAN, DAVE, DEPLOY, ORDERS_READ, READ } from '../builders.ts';
import { sha256Hashing } from '../fixed-clock.ts';
import { checkInvariants } from './check-invariants.ts';
import { expectThat } from './expect-that.ts';
import type { House } from './house.ts';
import { covers, isAllowed, isOpen, isQuorate, type Model, type ModelRequest, maySee, pick } from './model.ts';
import {
  couldBeMet,
  exists,
  isEnabled,
  isResourceThere,
  isRuled,
  mayAskFor,
  OPERATOR,
  PEEK,
  PEOPLE,
  roleIn,
  says,
} from './small-policy.ts';

export type ModelCommand = fc.AsyncCommand<Model, House>;

/** The delivery that can come again. */
interface Delivery {
  readonly again: () => Promise<Result<Written, Refusal>>;
  readonly worked: boolean;
}
const lastDeliveries = new WeakMap<House, Delivery>();
let deliveries = 0;

/** Makes a command; `check` says when it makes sense. */
export function command(
  name: string,
  run: (m: Model, house: House) => Promise<void>,
  check: (m: Readonly<Model>) => boolean = () => true,
): ModelCommand {
  const checked = async (m: Model, house: House): Promise<void> => {
    await run(m, house);
    await checkInvariants(m, house);
  };
  return { check, run: checked, toString: () => name };
}

/** Mostly the latest. */
export const indexes: fc.Arbitrary<number> = fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 5, 8);

const hasRequests = (m: Readonly<Model>): boolean => m.requests.length > 0;
const codeOf = (result: Result<unknown, Refusal>): string => (result.ok ? 'ok' : result.error.code);

/** What a system may answer when a command was in flight from one moment to another. */
function oneOf(name: string, got: string, before: readonly string[], after: readonly string[]): void {
  const allowed = [before, after].some((refusals) => (refusals.length === 0 ? got === 'ok' : refusals.includes(got)));
  expectThat(allowed, `${name}: got ${got}, expected ${before.join('|') || 'ok'}`);
}

/** Takes a case that the product opened into the model. */
export function learn(m: Model, c: AccessCase): ModelRequest {
  const role = roleIn(m.policy, c.request.access.role);
  const known: ModelRequest = {
    id: c.request.id,
    subject: c.request.subject,
    requester: c.request.requester,
    resource: c.request.access.resource,
    role: role.id,
    scopes: c.request.access.scopes,
    lengthMs: c.request.duration,
    lines: role.auto ? [] : role.lines,
    auto: role.auto,
    until: c.request.openedAt + 3_600_000,
    revision: 1,
    voices: new Map(),
    version: 1,
    closed: undefined,
    grant: undefined,
    swept: false,
  };
  expectThat(covers(role.scopes, known.scopes), 'I-1: a request lies within its role');
  expectThat(known.lengthMs <= role.minutesMax * 60_000, 'I-2: a request lasts no longer than its role allows');
  if (role.auto) begin(m, known, c);
  m.requests.push(known);
  return known;
}

/** The grant that must now be there, checked against what the model thinks it should be. */
function begin(m: Model, r: ModelRequest, c: AccessCase): void {
  const { grant } = c;
  expectThat(grant !== undefined, 'I-6: a grant if approved');
  if (grant === undefined) return;
  const role = roleIn(m.policy, r.role);
  expectThat(covers(r.scopes, grant.access.scopes), 'I-1: grant ⊆ revision');
  expectThat(
    grant.expiresAt - grant.notBefore <= Math.min(r.lengthMs, role.minutesMax * 60_000),
    'I-2: a grant lasts at most what was asked and the role allows',
  );
  r.closed = 'approved';
  r.grant = {
    id: grant.id,
    begins: grant.notBefore,
    ends: grant.expiresAt,
    revoked: false,
    given: 0,
    ...(role.usesMax === undefined ? {} : { usesMax: role.usesMax }),
  };
}

/** Why an ask must be refused: every reason there is. */
function whyNotOpen(m: Model, subject: Principal, requester: Principal, roleId: RoleId, lengthMs: number): string[] {
  const role = roleIn(m.policy, roleId);
  const why: string[] = [];
  if (!isResourceThere(m.policy, role.resource)) why.push('target_unknown');
  const forbidden =
    !exists(m.policy, subject) ||
    !exists(m.policy, requester) ||
    !mayAskFor(m.policy, requester, subject) ||
    !isRuled(m.policy, subject, role);
  if (forbidden) why.push('policy_forbids');
  if (!role.auto && !couldBeMet(m.policy, role.lines, subject, requester)) why.push('nobody_can_approve');
  if (lengthMs > role.minutesMax * 60_000) why.push('duration_too_long');
  return why;
}

const askers: readonly (readonly [Principal, Principal])[] = [
  [DEPLOY, ALICE],
  [DEPLOY, ALICE],
  [DEPLOY, ALICE],
  [ALICE, ALICE],
  [ALICE, ALICE],
  [DEPLOY, DEPLOY],
  [DAVE, DAVE],
  [DEPLOY, BOB],
  [BOB, ALICE],
];

export const create: fc.Arbitrary<ModelCommand> = fc
  .record({
    who: fc.constantFrom(...askers),
    role: fc.constantFrom(ADMIN, ADMIN, ADMIN, OPERATOR, OPERATOR, PEEK, READ),
    length: fc.constantFrom(5, 20, 60, 60, 300).map((count) => minutes(count)),
    key: fc.option(fc.constantFrom('k1', 'k2'), { nil: undefined }),
  })
  .map(({ who: [subject, requester], role, length, key }) =>
    command(
      `Create(${subject.id} by ${requester.id}, ${role}, ${length / 60_000}m, ${key ?? '-'})`,
      async (m, house) => {
        const body = `${subject.id}${requester.id}${role}${length}`;
        const known = key === undefined ? undefined : m.keys.get(key);
        const ask = {
          subject,
          requester,
          resource: roleIn(m.policy, role).resource,
          role,
          duration: length,
          tooLong: 'refuse',
          justification: 'the model wants it',
          door: 'rest',
        } as const;
        const once = key === undefined ? undefined : onceOf('model.create', key, body);
        const result = await house.submit(ask, house.by, once);
        if (known !== undefined) return repeatedKey(known, body, result);
        const why = whyNotOpen(m, subject, requester, role, length);
        oneOf('Create', codeOf(result), why, why);
        if (!result.ok) return;
        learn(m, result.value.case);
        if (key !== undefined) m.keys.set(key, { body, id: result.value.case.request.id });
      },
    ),
  );

function repeatedKey(
  known: { readonly body: string; readonly id: RequestId },
  body: string,
  result: Result<Written, Refusal>,
): void {
  if (known.body !== body) expectThat(codeOf(result) === 'key_reused', 'I-12: another body is refused');
  else expectThat(result.ok && result.value.case.request.id === known.id, 'I-12: the same key is the same request');
}

function onceOf(scope: string, key: string, body: string): OnceKey {
  return { scope, key, bodyHash: sha256Hashing.digestOf(body) };
}

interface Click {
  readonly id: string;
  readonly verdict: 'approve' | 'deny';
  /** How far off the revision is. */
  readonly off: number;
  readonly index: number;
  readonly narrow?: { readonly scopes?: readonly Scope[]; readonly duration?: Duration };
  readonly byRest: boolean;
}

/** Why a verdict must be refused: every reason there is. */
function whyNotDecide(m: Model, r: ModelRequest, click: Click, now: number): string[] {
  const why: string[] = [];
  const lines = says(m.policy, r.lines, click.id, r, now);
  if (click.byRest && !maySee(m.policy, r, click.id, now)) why.push('request_unknown');
  if (!isEnabled(m.policy, click.id)) why.push('identity_rejected');
  if ([r.subject, r.requester].some((own) => own.kind === 'person' && own.id === click.id)) why.push('own_request');
  if (lines.length === 0) why.push('not_an_approver');
  if (!isOpen(r, now)) why.push('request_closed');
  if (click.off !== 0) why.push('stale_revision');
  if (r.voices.get(click.id)?.verdict === click.verdict && !asksForLess(r, click)) why.push('already_decided');
  if (click.verdict === 'approve') {
    if (!isAllowed(m.policy, r)) why.push('policy_forbids');
    if (click.narrow?.scopes !== undefined && !covers(r.scopes, click.narrow.scopes)) why.push('scope_not_covered');
    if (click.narrow?.duration !== undefined && click.narrow.duration > r.lengthMs) why.push('duration_too_long');
  }
  return why;
}

function asksForLess(r: ModelRequest, { narrow, verdict }: Click): boolean {
  if (verdict !== 'approve' || narrow === undefined) return false;
  return (
    (narrow.scopes !== undefined && narrow.scopes.length < r.scopes.length) ||
    (narrow.duration !== undefined && narrow.duration < r.lengthMs)
  );
}

async function decide(m: Model, house: House, click: Click): Promise<void> {
  const r = pick(m.requests, click.index);
  const revision = r.revision + click.off;
  deliveries += 1;
  const once = onceOf('model.click', `${r.id}-${deliveries}`, click.verdict);
  const send = () =>
    house.decide(
      {
        requestId: r.id,
        person: person(click.id).id,
        verdict: click.verdict,
        revision,
        ...(click.narrow === undefined ? {} : { narrow: click.narrow }),
        hideFromStrangers: click.byRest,
      },
      byline({ principal: person(click.id) }),
      once,
    );
  const before = whyNotDecide(m, r, click, await house.now());
  const result = await send();
  const after = whyNotDecide(m, r, click, await house.now());
  oneOf(`${click.verdict} by ${click.id}`, codeOf(result), before, after);
  lastDeliveries.set(house, { again: send, worked: result.ok });
  if (!result.ok) return;
  r.version += 1;
  count(m, r, click, result.value);
}

/** What a verdict does, by the model's own arithmetic. */
function count(m: Model, r: ModelRequest, click: Click, { case: c, at }: Written): void {
  const said = says(m.policy, r.lines, click.id, r, at.now);
  if (asksForLess(r, click)) {
    r.revision += 1;
    r.voices = new Map();
    r.scopes = click.narrow?.scopes ?? r.scopes;
    r.lengthMs = click.narrow?.duration ?? r.lengthMs;
  }
  r.voices.set(click.id, { verdict: click.verdict, says: said });
  const own = c.decisions.find((one) => one.person === click.id && one.revision === r.revision);
  const stoodIn = said.flatMap(({ as }) => (as === click.id ? [] : [as]));
  expectThat(
    JSON.stringify((own?.onBehalfOf ?? []).map((voice) => voice.person)) === JSON.stringify(stoodIn),
    'I-3: a decision says for whom it was made',
  );
  if (click.verdict === 'deny') {
    r.closed = 'denied';
    expectThat(c.grant === undefined, 'I-16: a deny gives nothing');
    return;
  }
  expectThat((c.grant !== undefined) === isQuorate(r), 'I-3: a grant exactly when distinct people fill every line');
  if (isQuorate(r)) begin(m, r, c);
}

const clicks = {
  id: fc.constantFrom(BOB.id, BOB.id, BOB.id, DAN.id, DAN.id, ...PEOPLE),
  verdict: fc.constantFrom('approve', 'approve', 'approve', 'approve', 'approve', 'approve', 'deny'),
  off: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 1),
  index: indexes,
} as const;

const clickText = (c: Click): string => `${c.verdict}, ${c.id}, #${c.index}, revision ${c.off >= 0 ? '+' : ''}${c.off}`;

export const click: fc.Arbitrary<ModelCommand> = fc
  .record(clicks)
  .map((one) =>
    command(
      `Click(${clickText({ ...one, byRest: false })})`,
      (m, house) => decide(m, house, { ...one, byRest: false }),
      hasRequests,
    ),
  );

/** An approval that counts, if there is one left to give: stories have to get somewhere. */
export const approve: fc.Arbitrary<ModelCommand> = fc
  .record({ who: fc.nat(2), index: indexes, byRest: fc.boolean() })
  .map(({ who, index, byRest }) =>
    command(
      `Click(approve, eligible ${who}, #${index})`,
      async (m, house) => {
        const r = pick(m.requests, index);
        const now = await house.now();
        const free = PEOPLE.filter((id) => !r.voices.has(id) && says(m.policy, r.lines, id, r, now).length > 0);
        const id = free[who % Math.max(1, free.length)];
        if (id !== undefined) await decide(m, house, { id, verdict: 'approve', off: 0, index, byRest });
      },
      hasRequests,
    ),
  );

export const decideByRest: fc.Arbitrary<ModelCommand> = fc
  .record(clicks)
  .map((one) =>
    command(
      `DecideByRest(${clickText({ ...one, byRest: true })})`,
      (m, house) => decide(m, house, { ...one, byRest: true }),
      hasRequests,
    ),
  );

export const narrow: fc.Arbitrary<ModelCommand> = fc
  .record({
    ...clicks,
    verdict: fc.constant('approve' as const),
    scopes: fc.constantFrom<readonly Scope[] | undefined>([ORDERS_READ], undefined, ['orders:drop' as Scope]),
    length: fc.constantFrom(undefined, 1, 5, 10, 500),
  })
  .map(({ scopes, length, ...one }) => {
    const wanted = {
      ...(scopes === undefined ? {} : { scopes }),
      ...(length === undefined ? {} : { duration: minutes(length) }),
    };
    return command(
      `Narrow(${clickText({ ...one, byRest: true })}, ${JSON.stringify(wanted)})`,
      (m, house) => decide(m, house, { ...one, narrow: wanted, byRest: true }),
      hasRequests,
    );
  });

export const replayLastDelivery: fc.Arbitrary<ModelCommand> = fc.constant(
  command('ReplayLastDelivery()', async (_, house) => {
    const last = lastDeliveries.get(house);
    if (last?.worked !== true) return;
    expectThat(codeOf(await last.again()) === 'replayed', 'I-11: no delivery works twice');
  }),
);

export const cancel: fc.Arbitrary<ModelCommand> = fc
  .record({ who: fc.constantFrom<Principal>(ALICE, ALICE, DEPLOY, BOB), index: indexes })
  .map(({ who, index }) =>
    command(
      `Cancel(${who.id}, #${index})`,
      async (m, house) => {
        const r = pick(m.requests, index);
        const why = (now: number): string[] => {
          if (who.kind !== r.requester.kind || who.id !== r.requester.id) return ['request_unknown'];
          return isOpen(r, now) || r.closed === 'canceled' ? [] : ['request_closed'];
        };
        const before = why(await house.now());
        const result = await house.cancel(r.id, who, byline({ principal: who }));
        oneOf('Cancel', codeOf(result), before, why(await house.now()));
        if (!result.ok || r.closed === 'canceled') return;
        r.closed = 'canceled';
        r.version += 1;
      },
      hasRequests,
    ),
  );
