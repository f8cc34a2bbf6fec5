/** Tests of the lost answer: the same exchange, 30 seconds, the same token; nothing else. */
import { expect, test } from '@jest/globals';
import { aLiveGrant, CI, NOON, seededChance } from '@sallyport/testkit/core';
import { after, duration, minutes, seconds } from './instant.ts';
import type { TokenFacts } from './issuance.ts';
import { type EarlierUse, repeatOf } from './lost-answer.ts';

const { grant } = aLiveGrant();
const token: TokenFacts = {
  jti: seededChance('lost').tokenId(),
  subject: grant.subject,
  audience: grant.access.audience,
  clientId: CI,
  scopes: grant.access.scopes,
  grantId: grant.id,
  requestId: grant.requestId,
  issuedAt: grant.notBefore,
  expiresAt: after(grant.notBefore, minutes(10)),
};
const earlier: EarlierUse = { token, fingerprint: 'same', at: NOON };
const spent = { code: 'handle_unknown' } as const;

test('I-6: within 30 s of the commit the very same token, then never again', () => {
  for (const ms of [0, 1, 30_000]) {
    expect(repeatOf(earlier, 'same', after(NOON, duration(ms)), spent)).toEqual({ ok: true, value: token });
  }
  expect(repeatOf(earlier, 'same', after(NOON, duration(30_001)), spent)).toEqual({ ok: false, error: spent });
});

test('S25: with anything changed it is spent at once', () => {
  expect(repeatOf(earlier, 'other', after(NOON, seconds(1)), spent)).toEqual({ ok: false, error: spent });
});
