/** Owns the shorthand of the contracts: fresh subjects, openings, verdicts, tokens, against whichever store is under test. */
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import {
  type AccessCase,
  type AccessRequest,
  type Attribution,
  after,
  type Decide,
  type DecideCase,
  decideGrant,
  decideRequest,
  type Grant,
  type Handle,
  hours,
  type IssuanceRecord,
  instant,
  type Moment,
  minutes,
  type OnceKey,
  ok,
  type PersonId,
  type Policy,
  type Principal,
  person,
  type Refusal,
  type RequestId,
  type Result,
  type Seen,
  type TokenFacts,
  type Written,
  wholeSecond,
} from '@sallyport/core';
import { ADMIN_LINES, anOpening, aPerson, aPolicy, BOB, byline, CI, DAN, ORDERS } from '../builders.ts';
import { seededChance, sha256Hashing } from '../fixed-clock.ts';
import type { MakeStoreWorld, SeenAudit, StoreWorld } from './store-world.ts';

const CROWD = 300;

/** The example world and a crowd of people of group payments, managed by Bob: each test takes subjects nobody else has. */
export function crowdPolicy(): Policy {
  const policy = aPolicy();
  const crowd = Array.from({ length: CROWD }, (_, index) =>
    aPerson(person(`member-${index}`).id, { groups: ['payments'], manager: BOB.id }),
  );
  return aPolicy({ people: [...policy.people, ...crowd] });
}

export type Kit = ReturnType<typeof useStore>;

/** One store for all tests of a describe block, the crowd's policy in force before each; and the shorthand on it. */
export function useStore(make: MakeStoreWorld) {
  const policy = crowdPolicy();
  const chance = seededChance(`contract ${Math.random()}`);
  let made: StoreWorld | undefined;
  let members = 0;
  beforeAll(async () => {
    made = await make(policy);
  });
  beforeEach(() => world().put(policy));
  afterAll(async () => made?.close());

  function world(): StoreWorld {
    if (made === undefined) throw new Error('the store is made in beforeAll');
    return made;
  }
  function member(): Principal & { kind: 'person' } {
    members += 1;
    if (members >= CROWD) throw new Error('the crowd is used up');
    return person(`member-${members}`);
  }
  async function now(): Promise<Moment> {
    const { at } = await world().ledger.covering({ subject: BOB, resource: ORDERS, useKeys: [] });
    return at;
  }
  /** Opens a pending request, asked by its subject, on orders-db admin. */
  async function open(change: Partial<Omit<AccessRequest, 'digest' | 'status'>> = {}, once?: OnceKey) {
    const subject = change.subject ?? member();
    const written = await world().ledger.open(
      { subject, resource: change.access?.resource ?? ORDERS },
      (_, at) => ok({ kind: 'new', step: opening(subject, at, change) }),
      byline({ principal: subject }),
      once,
    );
    return must(written).case;
  }
  function decide(change: Partial<Decide> & { person: PersonId }): DecideCase {
    const command: Decide = {
      kind: 'decide',
      id: chance.decisionId(),
      grantId: chance.grantId(),
      verdict: 'approve',
      revision: 1,
      ...change,
    };
    return (c, at) => decideRequest(c, command, at, sha256Hashing.digestOf);
  }
  function click(id: RequestId, change: Partial<Decide> & { person: PersonId }, once?: OnceKey) {
    return world().ledger.transact(id, decide(change), byline({ principal: person(change.person) }), once);
  }
  function revoke(id: RequestId, who: Principal = BOB, by: Attribution = byline({ principal: who })) {
    return world().ledger.transact(id, (c, at) => decideGrant(c, { kind: 'revoke', by: who }, at), by);
  }
  /** Opens, and lets Dan (dba) and Bob (manager) approve. */
  async function live(change: Partial<Omit<AccessRequest, 'digest' | 'status'>> = {}): Promise<Live> {
    const c = await open(change);
    must(await click(c.request.id, { person: DAN.id }));
    const written = must(await click(c.request.id, { person: BOB.id }));
    const { grant } = written.case;
    if (grant === undefined) throw new Error('approved by everybody, and yet no grant');
    return { value: { ...written.case, grant }, at: written.at };
  }
  /** The case as it is now, with the moment of the read. */
  async function look(id: RequestId): Promise<Live> {
    const seen = await world().ledger.find(id);
    const grant = seen?.value.grant;
    if (seen === undefined || grant === undefined) throw new Error('no such grant');
    return { value: { ...seen.value, grant }, at: seen.at };
  }
  function token(from: Live, change: Partial<TokenFacts> = {}): TokenFacts {
    const issuedAt = wholeSecond(from.at.now);
    const { grant } = from.value;
    return {
      jti: chance.tokenId(),
      subject: grant.subject,
      audience: grant.access.audience,
      clientId: CI,
      scopes: grant.access.scopes,
      grantId: grant.id,
      requestId: grant.requestId,
      issuedAt,
      expiresAt: instant(Math.min(issuedAt + minutes(10), grant.expiresAt)),
      ...change,
    };
  }
  function issuance(from: Live, change: Partial<IssuanceRecord> = {}): IssuanceRecord {
    return { token: token(from), from, uses: [], fingerprint: 'f1', by: byline({ door: 'oauth' }), ...change };
  }
  async function handle(c: AccessCase, change: Partial<Handle> = {}): Promise<Handle> {
    const at = await now();
    return {
      id: sha256Hashing.handleIdOf(chance.handle()),
      kind: 'deferral_code',
      clientId: CI,
      subject: c.request.subject,
      requestId: c.request.id,
      madeRequest: true,
      scopes: c.request.access.scopes,
      uses: [],
      issuedAt: at.now,
      expiresAt: after(at.now, hours(1)),
      revoked: false,
      ...change,
    };
  }
  /** The audit rows of one request, by type. */
  async function trailOf(id: RequestId): Promise<readonly SeenAudit[]> {
    return (await world().audit()).filter((row) => row.requestId === id);
  }
  async function outboxOf(id: RequestId): Promise<readonly string[]> {
    return (await world().outbox()).filter((row) => row.requestId === id).map((row) => row.type);
  }
  return {
    chance,
    policy,
    world,
    member,
    now,
    open,
    decide,
    click,
    revoke,
    live,
    look,
    token,
    issuance,
    handle,
    trailOf,
    outboxOf,
  };
}

/** A case with a grant, and when it was read. */
export type Live = Seen<AccessCase & { readonly grant: Grant }>;

/** The step that opens a request for this subject now, by the example's rule. */
export function opening(
  subject: Principal,
  at: Moment,
  change: Partial<Omit<AccessRequest, 'digest' | 'status'>> = {},
): ReturnType<typeof anOpening> {
  return anOpening({
    subject,
    requester: subject,
    lines: ADMIN_LINES,
    policyVersion: at.policy.version,
    openedAt: at.now,
    expiresAt: after(at.now, hours(4)),
    ...change,
  });
}

/** The value, or a failure that says the refusal. */
export function must(result: Result<Written, Refusal>): Written {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** The code of a refusal; `ok` if there was none. */
export function codeOf(result: Result<unknown, Refusal>): string {
  return result.ok ? 'ok' : result.error.code;
}
