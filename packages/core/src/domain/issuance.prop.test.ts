/** Properties of issuing: token ⊆ grant ⊆ request ⊆ rule; time and policy only ever take away. */
import { expect, test } from '@jest/globals';
import {
  aClient,
  CI,
  changed,
  endOfPlay,
  moves,
  NOON,
  openCases,
  play,
  policies,
  principals,
  scopes,
  seededChance,
} from '@sallyport/testkit/core';
import fc from 'fast-check';
import { coversScopes, extentOf } from './access.ts';
import { answerByState } from './answer.ts';
import type { AccessCase } from './case.ts';
import { after, duration, type Instant, instant, later } from './instant.ts';
import { issue, isTokenLive, type TokenAsk } from './issuance.ts';
import { resourceById, roleOf } from './policy.ts';
import { samePrincipal } from './principal.ts';

const chance = seededChance('issue');
const wishes: fc.Arbitrary<Partial<TokenAsk>> = fc.record({ scopes, subject: principals }, { requiredKeys: [] });
/** Cases with a grant: approved by a rule, or by whoever of the moves got it there. */
const granted = fc
  .oneof(
    openCases('auto_approve'),
    fc
      .tuple(openCases(), moves)
      .map(([one, all]) => ({ ...one, opened: endOfPlay(one.opened, play(one.opened, one.policy, all)) })),
  )
  .filter(({ opened }) => opened.grant !== undefined);
/** A time from shortly before a grant begins to shortly after it ends. */
const parts = fc.integer({ min: -200, max: 1_200 });
const during = (c: AccessCase, part: number): Instant => {
  const { notBefore, expiresAt } = c.grant ?? { notBefore: NOON, expiresAt: NOON };
  return instant(notBefore + ((expiresAt - notBefore) * part) / 1_000);
};
const askOf = (
  c: { readonly request: { readonly subject: TokenAsk['subject'] } },
  wish: Partial<Pick<TokenAsk, 'scopes'>>,
): TokenAsk => ({
  jti: chance.tokenId(),
  clientId: CI,
  subject: c.request.subject,
  scopes: [],
  shape: { kind: 'access' },
  ...wish,
});

test('I-1: token ⊆ grant ⊆ request ⊆ rule, one audience, its own subject', () => {
  let issued = 0;
  fc.assert(
    fc.property(granted, fc.option(wishes, { nil: {}, freq: 2 }), parts, ({ policy, opened: c }, wish, part) => {
      const now = during(c, part);
      const ask = askOf(c, { scopes: c.grant?.access.scopes ?? [], ...wish });
      const result = issue(c, ask, { now, policy });
      if (!result.ok || c.grant === undefined) return;
      issued += 1;
      const { grant, request } = c;
      const resource = resourceById(policy, request.access.resource);
      const role = resource === undefined ? undefined : roleOf(resource, request.access.role);
      expect(coversScopes(grant.access.scopes, result.value.scopes)).toBe(true);
      expect(coversScopes(request.access.scopes, grant.access.scopes)).toBe(true);
      expect(coversScopes(role?.scopes ?? [], request.access.scopes)).toBe(true);
      expect(result.value.audience).toBe(resource?.audience);
      expect(samePrincipal(result.value.subject, request.subject)).toBe(true);
      expect(samePrincipal(result.value.subject, ask.subject)).toBe(true);
    }),
    { numRuns: 1_200 },
  );
  expect(issued).toBeGreaterThan(100);
});

test('I-2: iat ≥ not before, exp ≤ end, exp − iat ≤ ttl, all whole seconds, never empty', () => {
  fc.assert(
    fc.property(granted, parts, ({ policy, opened: c }, part) => {
      const now = during(c, part);
      const result = issue(c, askOf(c, { scopes: c.grant?.access.scopes ?? [] }), { now, policy });
      if (!result.ok || c.grant === undefined) return;
      const { issuedAt, expiresAt } = result.value;
      expect(issuedAt).toBeGreaterThanOrEqual(c.grant.notBefore);
      expect(issuedAt).toBeLessThanOrEqual(now);
      expect(expiresAt).toBeLessThanOrEqual(c.grant.expiresAt);
      expect(expiresAt).toBeGreaterThan(now);
      const ttl = resourceById(policy, c.request.access.resource)?.token.ttl ?? 0;
      expect(expiresAt - issuedAt).toBeLessThanOrEqual(ttl);
      expect([issuedAt % 1_000, expiresAt % 1_000]).toEqual([0, 0]);
    }),
    { numRuns: 1_200 },
  );
});

test('I-22: once a grant has begun, no answer grows more generous as time goes on', () => {
  fc.assert(
    fc.property(granted, fc.nat(40_000_000), fc.nat(40_000_000), ({ policy, opened: c }, a, b) => {
      const { grant } = c;
      if (grant === undefined) return;
      const begun = later(grant.notBefore, c.request.openedAt);
      const early = after(begun, duration(a));
      const late = after(early, duration(b));
      const ask = askOf(c, { scopes: grant.access.scopes });
      const [first, second] = [early, late].map((now) => issue(c, ask, { now, policy }));
      expect(second?.ok === true && first?.ok === false).toBe(false);
      const [waits, then] = [early, late].map((now) => answerByState(c, extentOf(grant.access), { now, policy }));
      expect(then?.ok === true && waits?.ok === false).toBe(false);
      if (first?.ok !== true) return;
      const token = { ...first.value, revoked: false };
      const [was, is] = [early, late].map((now) => isTokenLive(token, c, { now, policy }));
      expect(is === true && was === false).toBe(false);
      expect(was).toBe(true);
    }),
    { numRuns: 1_200 },
  );
});

test('I-17: under whatever policy, no token has more than the grant; a token stays live only while all of it is allowed', () => {
  fc.assert(
    fc.property(granted, policies, parts, ({ policy, opened: c }, other, part) => {
      const now = during(c, part);
      const { grant } = c;
      if (grant === undefined) return;
      const ask = askOf(c, { scopes: grant.access.scopes });
      const under = issue(c, ask, { now, policy: other });
      if (under.ok) {
        expect(under.value.expiresAt).toBeLessThanOrEqual(grant.expiresAt);
        expect(coversScopes(grant.access.scopes, under.value.scopes)).toBe(true);
        expect(issue(c, ask, { now, policy: changed(other, { clients: [] }) }).ok).toBe(false);
      }
      const before = issue(c, ask, { now, policy });
      if (!before.ok) return;
      const live = isTokenLive({ ...before.value, revoked: false }, c, { now, policy: other });
      expect(live).toBe(under.ok);
      expect(isTokenLive({ ...before.value, revoked: true }, c, { now, policy })).toBe(false);
    }),
    { numRuns: 1_200 },
  );
});

test('I-18: another client with the same grant gets the same scopes and end, and no more', () => {
  fc.assert(
    fc.property(granted, ({ policy, opened: c }) => {
      const more = changed(policy, { clients: [...policy.clients, aClient('other')] });
      const at = { now: c.grant?.notBefore ?? NOON, policy: more };
      const ask = askOf(c, { scopes: c.grant?.access.scopes ?? [] });
      const [a, b] = [issue(c, ask, at), issue(c, { ...ask, clientId: 'other' as typeof CI }, at)];
      expect(b.ok).toBe(a.ok);
      if (a.ok && b.ok) expect({ ...b.value, clientId: CI }).toEqual(a.value);
    }),
    { numRuns: 200 },
  );
});
