/** What the policy bars, and until when an end matters. */
import { describe, expect, test } from '@jest/globals';
import {
  ADMIN,
  aLiveGrant,
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
  withRole,
} from '@sallyport/testkit/core';
import { after, hours, type Instant, minutes, seconds } from './instant.ts';
import { issue, type TokenFacts } from './issuance.ts';
import type { Policy } from './policy.ts';
import { isBarred, lastTokenEnd } from './revocation.ts';

const policy = aPolicy();
const live = aLiveGrant();

/** A token of all the grant has, issued so long after it began. */
function tokenAfter(lengthMs: number, by: Policy = policy): TokenFacts {
  const ask = {
    jti: seededChance('jti').tokenId(),
    clientId: CI,
    subject: DEPLOY,
    scopes: [ORDERS_READ, ORDERS_WRITE],
  };
  const now = (NOON + lengthMs) as Instant;
  const issued = issue(live, { ...ask, shape: { kind: 'access' } }, { now, policy: by });
  if (!issued.ok) throw new Error(issued.error.code);
  return issued.value;
}

describe('I-17, I-18: barred', () => {
  const token = tokenAfter(0);

  test('not by the policy it was issued under', () => {
    expect(isBarred(token, live, policy)).toBe(false);
  });

  test.each([
    ['subject', changed(policy, { workloads: [] })],
    ['client', changed(policy, { clients: [] })],
    ['resource', changed(policy, { resources: [] })],
    ['rules', changed(policy, { rules: [] })],
    ['scopes of the role', withRole(policy, ORDERS, ADMIN, { scopes: [ORDERS_READ] })],
  ])('once the %s is gone', (_, next) => {
    expect(isBarred(token, live, next)).toBe(true);
  });

  test('at once, if it would outlive a maximum that shrank: nobody tells it later', () => {
    const shrunk = withRole(policy, ORDERS, ADMIN, { maxDuration: minutes(9) });
    expect(isBarred(token, live, shrunk)).toBe(true);
    expect(isBarred(tokenAfter(0, shrunk), live, shrunk)).toBe(false);
    expect(isBarred(token, live, withRole(policy, ORDERS, ADMIN, { maxDuration: minutes(10) }))).toBe(false);
  });

  test('not what somebody ended: that is told already', () => {
    const status = { state: 'revoked', at: NOON, by: BOB } as const;
    const ended = { ...live, grant: { ...live.grant, status } };
    expect(isBarred(token, ended, changed(policy, { rules: [] }))).toBe(false);
    const { grant: _, ...without } = live;
    expect(isBarred(token, without, policy)).toBe(false);
  });
});

test('the last token of a grant ends with it, or an hour after it was ended', () => {
  expect(lastTokenEnd(after(NOON, minutes(20)), NOON)).toBe(NOON + minutes(20));
  expect(lastTokenEnd(after(NOON, hours(8)), after(NOON, seconds(7)))).toBe(NOON + hours(1) + seconds(7));
});
