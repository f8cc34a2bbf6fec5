/** Tests of issuing: which token a live grant allows, and each reason for none. */
import { describe, expect, test } from '@jest/globals';
import {
  ADMIN,
  ALICE,
  aLiveGrant,
  aPendingCase,
  aPolicy,
  BOB,
  CI,
  changed,
  DEPLOY,
  NOON,
  ORDERS,
  ORDERS_READ,
  ORDERS_WRITE,
  seededChance,
  withPerson,
  withRole,
} from '@sallyport/testkit/core';
import type { Scope } from './access.ts';
import type { AccessCase } from './case.ts';
import { after, type Instant, instant, minutes, seconds, wholeSecond } from './instant.ts';
import { issue, isTokenLive, liveGrant, type TokenAsk } from './issuance.ts';
import type { ClientId, Policy } from './policy.ts';

const policy = aPolicy();
const live = aLiveGrant();
const ask: TokenAsk = {
  jti: seededChance('jti').tokenId(),
  clientId: CI,
  subject: DEPLOY,
  scopes: [ORDERS_READ],
  shape: { kind: 'access' },
};
const run = (change: Partial<TokenAsk> = {}, now: Instant = NOON, by: Policy = policy, c: AccessCase = live) =>
  issue(c, { ...ask, ...change }, { now, policy: by });
const code = (...args: Parameters<typeof run>): string => {
  const result = run(...args);
  return result.ok ? 'issued' : result.error.code;
};

describe('the token', () => {
  test('I-1: subject, audience, grant and request are the grant’s; scopes exactly those asked', () => {
    expect(run({ scopes: [ORDERS_WRITE, ORDERS_READ, ORDERS_READ] })).toEqual({
      ok: true,
      value: {
        jti: ask.jti,
        subject: DEPLOY,
        audience: 'https://orders-db.acme.test',
        clientId: CI,
        scopes: [ORDERS_READ, ORDERS_WRITE],
        grantId: live.grant.id,
        requestId: live.request.id,
        issuedAt: wholeSecond(NOON),
        expiresAt: after(wholeSecond(NOON), minutes(10)),
      },
    });
  });

  test('T18: it never outlives the grant', () => {
    const late = after(live.grant.notBefore, minutes(28));
    const result = run({}, late);
    expect(result.ok && result.value.expiresAt).toBe(live.grant.expiresAt);
  });

  test('I-2: in the last second it still has one, at the end there is none', () => {
    const last = instant(live.grant.expiresAt - 1);
    const result = run({}, last);
    expect(result.ok && result.value.expiresAt - result.value.issuedAt).toBe(1_000);
    expect(code({}, live.grant.expiresAt)).toBe('grant_ended');
  });

  test('I-17: a role whose maximum shrank ends its grants sooner; one that grew gives nobody more', () => {
    const shrunk = withRole(policy, ORDERS, ADMIN, { maxDuration: minutes(5) });
    const result = run({}, NOON, shrunk);
    expect(result.ok && result.value.expiresAt).toBe(after(live.grant.notBefore, minutes(5)));
    expect(code({}, after(live.grant.notBefore, minutes(5)), shrunk)).toBe('grant_ended');
    const grown = withRole(policy, ORDERS, ADMIN, { maxDuration: minutes(600) });
    expect(code({}, live.grant.expiresAt, grown)).toBe('grant_ended');
  });
});

describe('none', () => {
  test('T7: more scope, another scope, no scope', () => {
    const readOnly = aLiveGrant({ access: { ...live.request.access, scopes: [ORDERS_READ] } });
    expect(code({ scopes: [ORDERS_READ, ORDERS_WRITE] }, NOON, policy, readOnly)).toBe('scope_not_covered');
    expect(code({ scopes: ['orders:drop' as Scope] })).toBe('scope_not_covered');
    expect(code({ scopes: [] })).toBe('scope_not_covered');
  });

  test('I-1: for another subject the grant does not exist', () => {
    expect(code({ subject: ALICE })).toBe('request_unknown');
  });

  test('I-18: a client that is gone or disabled', () => {
    expect(code({ clientId: 'gone' as ClientId })).toBe('client_rejected');
    const off = changed(policy, { clients: policy.clients.map((one) => ({ ...one, enabled: false })) });
    expect(code({}, NOON, off)).toBe('client_rejected');
  });

  test('I-9: a revoked grant; one that is over; one that has not begun; none yet', () => {
    const revoked = { ...live, grant: { ...live.grant, status: { state: 'revoked' as const, at: NOON, by: BOB } } };
    expect(run({}, NOON, policy, revoked)).toEqual({ ok: false, error: { code: 'grant_ended', how: 'revoked' } });
    const over = { ...live, grant: { ...live.grant, status: { state: 'expired' as const, at: NOON } } };
    expect(run({}, NOON, policy, over)).toEqual({ ok: false, error: { code: 'grant_ended', how: 'over' } });
    const ahead = aLiveGrant({ notBefore: wholeSecond(after(NOON, minutes(5))) });
    expect(code({}, NOON, policy, ahead)).toBe('approval_required');
    expect(code({}, after(NOON, minutes(5)), policy, ahead)).toBe('issued');
    expect(code({}, NOON, policy, aPendingCase())).toBe('approval_required');
  });

  test('I-18: what the policy in force no longer allows', () => {
    expect(code({}, NOON, withPerson(policy, ALICE.id, { enabled: false }))).toBe('policy_forbids');
    expect(code({}, NOON, withRole(policy, ORDERS, ADMIN, { scopes: [ORDERS_READ] }))).toBe('policy_forbids');
  });
});

describe('isTokenLive', () => {
  const result = run({ scopes: [ORDERS_READ, ORDERS_WRITE] });
  if (!result.ok) throw new Error('not issued');
  const token = { ...result.value, revoked: false };
  const check = (change: Partial<typeof token> = {}, now: Instant = NOON, by: Policy = policy, c: AccessCase = live) =>
    isTokenLive({ ...token, ...change }, c, { now, policy: by });

  test('good until its end, with no leeway for our own', () => {
    expect(check()).toBe(true);
    expect(check({}, instant(token.expiresAt - 1))).toBe(true);
    expect(check({}, token.expiresAt)).toBe(false);
  });

  test('I-9: not once it, or its grant, is revoked', () => {
    expect(check({ revoked: true })).toBe(false);
    const revoked = { ...live, grant: { ...live.grant, status: { state: 'revoked' as const, at: NOON, by: BOB } } };
    expect(check({}, NOON, policy, revoked)).toBe(false);
  });

  test('I-18: not once its client, subject, requester, role or scopes are gone', () => {
    expect(check({}, NOON, changed(policy, { clients: [] }))).toBe(false);
    expect(check({}, NOON, changed(policy, { workloads: [] }))).toBe(false);
    expect(check({}, NOON, withPerson(policy, ALICE.id, undefined))).toBe(false);
    expect(check({}, NOON, withRole(policy, ORDERS, ADMIN, { scopes: [ORDERS_READ] }))).toBe(false);
  });

  test('I-17: not past the end of a role whose maximum shrank', () => {
    const shrunk = withRole(policy, ORDERS, ADMIN, { maxDuration: minutes(5) });
    expect(check({}, after(NOON, minutes(4)), shrunk)).toBe(true);
    expect(check({}, after(NOON, seconds(301)), shrunk)).toBe(false);
  });
});

test('liveGrant says which way it is not live', () => {
  const at = { now: live.grant.expiresAt, policy };
  expect(liveGrant(live, at)).toEqual({ ok: false, error: { code: 'grant_ended', how: 'over' } });
  expect(liveGrant(aPendingCase(), at)).toEqual({ ok: false, error: { code: 'approval_required' } });
});
