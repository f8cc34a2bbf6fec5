/** Owns the commands by which clients get, look at and end tokens and handles. */

import {
  type Issued,
  type Principal,
  person,
  type Refusal,
  type Result,
  type Scope,
  samePrincipal,
  type TokenFacts,
  type Waiting,
} from '@sallyport/core';
import fc from 'fast-check';
import { ALICE, BILLING, byline, DAN, DAVE, DEPLOY, ORDERS, ORDERS_READ, ORDERS_WRITE } from '../builders.ts';
import { plainSubjectToken } from '../memory-tokens.ts';
import { command, indexes, learn, type ModelCommand } from './asking-commands.ts';
import { expectThat } from './expect-that.ts';
import type { House } from './house.ts';
import {
  covers,
  isAllowed,
  isGood,
  isLive,
  isOpen,
  isUnspent,
  type Model,
  type ModelHandle,
  type ModelRequest,
  type ModelToken,
  maySee,
  pick,
  usesMaxOf,
} from './model.ts';
import { LOOK, PEOPLE, REFUND } from './small-policy.ts';

const LOST_ANSWER_MS = 30_000;

interface Wish {
  readonly subject: Principal;
  /** Which of the subject's tokens. */
  readonly jti: string;
  readonly target: typeof ORDERS;
  readonly audience: string;
  readonly scopes: readonly Scope[] | undefined;
  readonly deferred: boolean;
  /** Points at a request of the list. */
  readonly named: number | undefined;
}

const wishes: fc.Arbitrary<Wish> = fc
  .record({
    subject: fc.constantFrom<Principal>(DEPLOY, DEPLOY, DEPLOY, ALICE, ALICE, DAVE),
    jti: fc.constantFrom('t1', 't2', 't3', 't4', 't5', 't6', 't7', 't8'),
    what: fc.constantFrom<readonly [typeof ORDERS, readonly Scope[] | undefined]>(
      [ORDERS, [ORDERS_READ]],
      [ORDERS, [ORDERS_READ, ORDERS_WRITE]],
      [ORDERS, undefined],
      [BILLING, [REFUND]],
      [BILLING, [LOOK]],
      [BILLING, [REFUND, LOOK]],
      [ORDERS, [REFUND]],
    ),
    unknown: fc.constantFrom(false, false, false, false, false, false, false, false, false, true),
    deferred: fc.boolean(),
    named: fc.option(indexes, { nil: undefined, freq: 4 }),
  })
  .map(({ what: [target, scopes], unknown, ...rest }) => ({
    ...rest,
    target,
    scopes,
    audience: unknown ? 'https://elsewhere.acme.test' : `https://${target}.acme.test`,
  }));

const wishText = (w: Wish): string =>
  `${w.subject.id} ${w.jti}, ${w.audience}, ${w.scopes?.join('+') ?? '-'}${w.deferred ? ', deferred' : ''}${w.named === undefined ? '' : `, #${w.named}`}`;

const isSingleUse = (subject: Principal): boolean => subject.kind === 'workload';

function fingerprintOf(w: Wish, requestId: string | undefined): string {
  return JSON.stringify([w.subject.id, w.jti, w.audience, w.scopes ?? null, w.deferred, requestId ?? null]);
}

function useOf(w: Wish): string | undefined {
  return isSingleUse(w.subject) ? `${w.subject.id} ${w.jti} ${w.target}` : undefined;
}

/** Where a token may come from: a fresh look at everything the model knows. */
interface Source {
  readonly subject: Principal;
  readonly fingerprint: string;
  readonly uses: readonly string[];
  readonly audience: string;
}

/** Checks a token that was just handed out, and remembers it. */
function receive(m: Model, issued: Issued, source: Source, t0: number, t1: number): ModelToken {
  const { facts } = issued;
  const known = m.tokens.find((token) => token.jti === facts.jti);
  if (known !== undefined) {
    expectThat(
      isRepeatable(m, known, source, t0),
      'I-6: a token is given twice only as the lost answer of the same exchange',
    );
    expectThat(isGood(m, known, t0) || isGood(m, known, t1), 'I-9: no ended token is given again');
    return known;
  }
  const r = m.requests.find((one) => one.id === facts.requestId);
  expectThat(r !== undefined, 'I-1: a token comes of a request somebody made');
  checkFresh(m, r, facts, source, t0, t1);
  const token: ModelToken = {
    jti: facts.jti,
    text: issued.token,
    request: r,
    scopes: facts.scopes,
    expiresAt: facts.expiresAt,
    revoked: false,
  };
  m.tokens.push(token);
  const use = { token, fingerprint: source.fingerprint, at: t0 };
  for (const key of source.uses) m.uses.set(key, use);
  if (r.grant !== undefined) {
    r.grant.given += 1;
    if (usesMaxOf(m, r) === 1) m.shots.set(r.grant.id, use);
  }
  return token;
}

function isRepeatable(m: Model, known: ModelToken, source: Source, t0: number): boolean {
  const grant = known.request.grant;
  const uses = [...source.uses.map((key) => m.uses.get(key)), grant === undefined ? undefined : m.shots.get(grant.id)];
  return uses.some(
    (use) => use?.token === known && use.fingerprint === source.fingerprint && t0 - use.at <= LOST_ANSWER_MS + 1_000,
  );
}

function checkFresh(m: Model, r: ModelRequest, facts: TokenFacts, source: Source, t0: number, t1: number): void {
  expectThat(isLive(m, r, t0) || isLive(m, r, t1), 'I-2, I-9, I-17: tokens come of a live grant that is still allowed');
  expectThat(m.policy.clientEnabled, 'I-18: a disabled client gets nothing');
  expectThat(isUnspent(m, r), 'I-6: a grant gives no more tokens than it may');
  expectThat(
    samePrincipal(facts.subject, r.subject) && samePrincipal(facts.subject, source.subject),
    'I-1: `sub` is the subject',
  );
  expectThat(
    facts.audience === source.audience && facts.audience === `https://${r.resource}.acme.test`,
    'I-1: one audience',
  );
  expectThat(covers(r.scopes, facts.scopes), 'I-1: token ⊆ grant ⊆ revision');
  const { grant } = r;
  expectThat(grant !== undefined && grant.id === facts.grantId, 'I-1: the token names its grant');
  expectThat(facts.issuedAt >= grant.begins && facts.expiresAt <= grant.ends, 'I-2: within the grant');
  expectThat(facts.expiresAt - facts.issuedAt <= 600_000 && facts.expiresAt > facts.issuedAt, 'I-2: at most the ttl');
  expectThat(facts.expiresAt > t0 - 1_000 && facts.issuedAt <= t1, 'I-2: issued now');
  for (const key of source.uses)
    expectThat(!m.uses.has(key), 'I-6: one token per single-use subject token, handle and target');
}

async function exchangeOnce(m: Model, house: House, w: Wish): Promise<Result<Issued | Waiting, Refusal>> {
  const named = w.named === undefined || m.requests.length === 0 ? undefined : pick(m.requests, w.named);
  return house.exchange(
    {
      client: house.ci,
      subjectToken: { from: 'foreign', token: plainSubjectToken(w.subject, w.jti) },
      targets: [w.audience],
      ...(w.scopes === undefined ? {} : { scopes: w.scopes }),
      ...(named === undefined ? {} : { requestId: named.id }),
      deferred: w.deferred,
      kind: 'access',
      reason: 'the model asks by the token endpoint',
      fingerprint: fingerprintOf(w, named?.id),
    },
    byline({ door: 'oauth' }),
  );
}

/** Requests this wish could be served from at once. */
function serving(m: Model, w: Wish, now: number): readonly ModelRequest[] {
  const { scopes } = w;
  if (scopes === undefined || w.named !== undefined || w.audience !== `https://${w.target}.acme.test`) return [];
  return m.requests.filter(
    (r) =>
      samePrincipal(r.subject, w.subject) &&
      r.resource === w.target &&
      isLive(m, r, now) &&
      isUnspent(m, r) &&
      covers(r.scopes, scopes),
  );
}

async function exchangeAll(m: Model, house: House, w: Wish, times: number): Promise<void> {
  const t0 = await house.now();
  const key = useOf(w);
  const mustServe = m.policy.clientEnabled && (key === undefined || !m.uses.has(key)) && times === 1;
  const servedBefore = serving(m, w, t0);
  const named = w.named === undefined || m.requests.length === 0 ? undefined : pick(m.requests, w.named);
  const results = await Promise.all(Array.from({ length: times }, () => exchangeOnce(m, house, w)));
  const t1 = await house.now();
  const servedAfter = serving(m, w, t1);
  if (mustServe && servedBefore.length > 0 && servedAfter.length > 0) {
    expectThat(
      results[0]?.ok === true && results[0].value.kind === 'issued',
      `a live grant that covers answers (got ${JSON.stringify(results[0])})`,
    );
  }
  const handlesBefore = m.handles.length;
  const opened = await learnNew(m, house, w, results);
  const source: Source = {
    subject: w.subject,
    fingerprint: fingerprintOf(w, named?.id),
    uses: key === undefined ? [] : [key],
    audience: w.audience,
  };
  for (const result of results) settle(m, w, result, source, t0, t1, named);
  await learnMakers(m, house, handlesBefore, opened);
}

/** Requests that the exchange opened: only by opting in, or by a rule that approves by itself. */
async function learnNew(
  m: Model,
  house: House,
  w: Wish,
  results: readonly Result<Issued | Waiting, Refusal>[],
): Promise<readonly ModelRequest[]> {
  const { value } = await house.world.ledger.mine([w.subject], { limit: 200 });
  const fresh = value.items.filter((c) => m.requests.every((r) => r.id !== c.request.id));
  expectThat(fresh.length <= results.length, 'P4: no more requests than calls');
  return [...fresh].reverse().map((c) => {
    const r = learn(m, c);
    expectThat(
      samePrincipal(r.subject, w.subject) && samePrincipal(r.requester, w.subject),
      'the subject asked itself',
    );
    expectThat(r.auto || w.deferred, 'P2: nothing is created without opting in');
    expectThat(fresh.length === 1 || r.grant?.usesMax !== undefined, 'P4: equal calls make one request');
    expectThat(isAllowed(m.policy, r), 'I-17: nothing is opened that no rule allows');
    expectThat(w.scopes !== undefined && covers(w.scopes, r.scopes), 'I-1: scopes as asked');
    return r;
  });
}

function settle(
  m: Model,
  w: Wish,
  result: Result<Issued | Waiting, Refusal>,
  source: Source,
  t0: number,
  t1: number,
  named: ModelRequest | undefined,
): void {
  if (!result.ok) return;
  if (result.value.kind === 'issued') {
    const token = receive(m, result.value, source, t0, t1);
    if (named !== undefined) expectThat(token.request === named, 'a named request answers, no other');
    if (w.scopes !== undefined)
      expectThat(covers(w.scopes, token.scopes) && covers(token.scopes, w.scopes), 'exactly the scopes asked');
    return;
  }
  const { requestId, handle } = result.value;
  const r = m.requests.find((one) => one.id === requestId);
  expectThat(r !== undefined, 'one waits for a request there is');
  expectThat(isOpen(r, t0) || isOpen(r, t1), 'one waits only for what is pending');
  expectThat(samePrincipal(r.subject, w.subject) && r.resource === w.target, 'one waits only for one’s own');
  if (w.scopes !== undefined) expectThat(covers(r.scopes, w.scopes), 'one waits only for what covers');
  if (handle === undefined) return;
  expectThat(w.deferred, 'P2: no handle without opting in');
  m.handles.push({
    code: handle.code,
    request: r,
    scopes: w.scopes ?? r.scopes,
    subject: w.subject,
    ends: t0 + handle.secondsLeft * 1_000,
    ...(source.uses[0] === undefined ? {} : { subjectUse: source.uses[0] }),
    madeRequest: false,
    revoked: false,
  });
}

/** Which of the new handles made their request: of a request just opened exactly one, else none. */
async function learnMakers(
  m: Model,
  house: House,
  handlesBefore: number,
  opened: readonly ModelRequest[],
): Promise<void> {
  const fresh = m.handles.slice(handlesBefore);
  for (const handle of fresh) {
    const seen = await house.world.handles.find(house.hashing.handleIdOf(handle.code));
    expectThat(seen !== undefined && !seen.value.handle.revoked, 'a handle that was given out is there');
    handle.madeRequest = seen.value.handle.madeRequest;
  }
  for (const handle of fresh) {
    const makers = fresh.filter((one) => one.request === handle.request && one.madeRequest).length;
    expectThat(makers === (opened.includes(handle.request) ? 1 : 0), 'one handle made a request, and only a new one');
  }
}

export const exchange: fc.Arbitrary<ModelCommand> = wishes.map((w) =>
  command(`Exchange(${wishText(w)})`, (m, house) => exchangeAll(m, house, w, 1)),
);

/** For what is granted: of one of the requests, whole or in part, with a subject token of the subject. */
const aimed = fc.record({
  index: indexes,
  jti: fc.nat(40),
  part: fc.boolean(),
  byName: fc.constantFrom(false, false, true),
  deferred: fc.boolean(),
  times: fc.constantFrom(1, 1, 1, 2, 3),
});

export const exchangeGranted: fc.Arbitrary<ModelCommand> = aimed.map(({ index, jti, part, byName, deferred, times }) =>
  command(
    `Exchange(of #${index}, u${jti}${part ? ', in part' : ''}${byName ? ', named' : ''}${deferred ? ', deferred' : ''}, x${times})`,
    (m, house) => {
      const r = pick(m.requests, index);
      const wish: Wish = {
        subject: r.subject,
        jti: `u${jti}`,
        target: r.resource,
        audience: `https://${r.resource}.acme.test`,
        scopes: part ? r.scopes.slice(0, 1) : r.scopes,
        deferred,
        named: byName ? index : undefined,
      };
      return exchangeAll(m, house, wish, times);
    },
    (m) => m.requests.length > 0,
  ),
);

export const parallelExchange: fc.Arbitrary<ModelCommand> = fc
  .tuple(wishes, fc.integer({ min: 2, max: 4 }))
  .map(([w, times]) =>
    command(`ParallelExchange(${times} x ${wishText(w)})`, (m, house) => exchangeAll(m, house, w, times)),
  );

/** Whether this poll cannot but give a token. */
function mustGive(m: Model, h: ModelHandle, now: number): boolean {
  const used = h.subjectUse !== undefined && m.uses.has(h.subjectUse);
  return (
    m.policy.clientEnabled &&
    !h.revoked &&
    !m.uses.has(h.code) &&
    !used &&
    now < h.ends &&
    isLive(m, h.request, now) &&
    isUnspent(m, h.request) &&
    h.scopes.some((scope) => h.request.scopes.includes(scope))
  );
}

export const poll: fc.Arbitrary<ModelCommand> = fc
  .record({
    index: indexes,
    foreign: fc.constantFrom(false, false, false, false, false, true),
    times: fc.constantFrom(1, 1, 2),
  })
  .map(({ index, foreign, times }) =>
    command(
      `Poll(#${index}${foreign ? ', other client' : ''}${times > 1 ? `, x${times}` : ''})`,
      async (m, house) => {
        const h = pick(m.handles, index);
        const client = foreign ? house.deployer : house.ci;
        const t0 = await house.now();
        const must = mustGive(m, h, t0);
        const call = () => house.redeem({ client, kind: 'deferral_code', code: h.code }, byline({ door: 'oauth' }));
        const results = await Promise.all(Array.from({ length: times }, call));
        const t1 = await house.now();
        for (const result of results) {
          if (foreign)
            expectThat(!result.ok && result.error.code === 'handle_unknown', 'P10: another client’s handle is unknown');
          else polled(m, h, result, must && mustGive(m, h, t1), t0, t1);
        }
      },
      (m) => m.handles.length > 0,
    ),
  );

function polled(
  m: Model,
  h: ModelHandle,
  result: Result<Issued | Waiting, Refusal>,
  must: boolean,
  t0: number,
  t1: number,
): void {
  if (must)
    expectThat(
      result.ok && result.value.kind === 'issued',
      `P7: an approved handle gives its token (got ${JSON.stringify(result)})`,
    );
  if (!result.ok) {
    if (result.error.code === 'malformed') h.revoked = true;
    return;
  }
  if (result.value.kind === 'waiting') {
    expectThat(isOpen(h.request, t0) || isOpen(h.request, t1), 'one waits only for what is pending');
    expectThat(result.value.handle === undefined, 'P5: a poll gives no new handle');
    return;
  }
  const uses = [h.code, ...(h.subjectUse === undefined ? [] : [h.subjectUse])];
  const audience = `https://${h.request.resource}.acme.test`;
  const isFresh = !m.tokens.some(
    (token) => result.ok && result.value.kind === 'issued' && token.jti === result.value.facts.jti,
  );
  if (isFresh) expectThat(!h.revoked && t0 < h.ends + 60_000, 'I-9: a handle that ended gives nothing');
  const token = receive(m, result.value, { subject: h.subject, fingerprint: `poll ${h.code}`, uses, audience }, t0, t1);
  expectThat(
    token.request === h.request && covers(h.scopes, token.scopes),
    'I-1: a handle gives what it was handed out for',
  );
}

export const introspect: fc.Arbitrary<ModelCommand> = indexes.map((index) =>
  command(
    `Introspect(#${index})`,
    async (m, house) => {
      const token = pick(m.tokens, index);
      const seen = await house.introspect(house.deployer, token.text, byline({ door: 'oauth' }));
      expectThat(!seen.active, 'I3: a client that may not introspect the resource hears nothing');
    },
    (m) => m.tokens.length > 0,
  ),
);

export const revokeToken: fc.Arbitrary<ModelCommand> = fc
  .record({ index: indexes, foreign: fc.constantFrom(false, false, false, true) })
  .map(({ index, foreign }) =>
    command(
      `RevokeToken(#${index}${foreign ? ', other client' : ''})`,
      async (m, house) => {
        const token = pick(m.tokens, index);
        const t0 = await house.now();
        const result = await house.revokeToken(
          foreign ? house.deployer : house.ci,
          token.text,
          byline({ door: 'oauth' }),
        );
        if (foreign) {
          expectThat(result.ok === (token.revoked || t0 >= token.expiresAt), 'R3: another client’s token stays');
          return;
        }
        expectThat(result.ok, 'R1: revoking is answered 200');
        if (token.revoked || t0 >= token.expiresAt) return;
        token.revoked = true;
        token.request.version += 1;
      },
      (m) => m.tokens.length > 0,
    ),
  );

export const revokeHandle: fc.Arbitrary<ModelCommand> = fc
  .record({ index: indexes, foreign: fc.constantFrom(false, false, false, true) })
  .map(({ index, foreign }) =>
    command(
      `RevokeHandle(#${index}${foreign ? ', other client' : ''})`,
      async (m, house) => {
        const h = pick(m.handles, index);
        const t0 = await house.now();
        const result = await house.revokeToken(foreign ? house.deployer : house.ci, h.code, byline({ door: 'oauth' }));
        expectThat(result.ok, 'R1: revoking is answered 200');
        if (foreign || m.uses.has(h.code)) return;
        h.revoked = true;
        if (h.madeRequest) takeBack(h.request, t0);
      },
      (m) => m.handles.length > 0,
    ),
  );

/** What a revoked handle takes with it: the request it made, or that request’s grant if it gave nothing yet. */
function takeBack(r: ModelRequest, now: number): void {
  if (isOpen(r, now)) {
    r.closed = 'canceled';
    r.version += 1;
  } else if (r.grant !== undefined && r.grant.given === 0 && !r.grant.revoked && now < r.grant.ends) {
    r.grant.revoked = true;
    r.version += 1;
  }
}

export const revokeGrant: fc.Arbitrary<ModelCommand> = fc
  .record({ who: fc.constantFrom(...PEOPLE, ALICE.id, DAN.id), index: indexes })
  .map(({ who, index }) =>
    command(
      `RevokeGrant(${who}, #${index})`,
      async (m, house) => {
        const r = pick(m.requests, index);
        const why = (now: number): string => {
          if (r.grant === undefined || !maySee(m.policy, r, who, now)) return 'request_unknown';
          if (r.grant.revoked) return 'ok';
          return now < r.grant.ends ? 'ok' : 'grant_ended';
        };
        const before = why(await house.now());
        const result = await house.revokeGrant({ request: r.id }, person(who), byline({ principal: person(who) }));
        const got = result.ok ? 'ok' : result.error.code;
        expectThat([before, why(await house.now())].includes(got), `RevokeGrant: got ${got}, expected ${before}`);
        if (!result.ok || r.grant === undefined || r.grant.revoked) return;
        r.grant.revoked = true;
        r.version += 1;
      },
      (m) => m.requests.length > 0,
    ),
  );
