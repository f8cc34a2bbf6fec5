/** The facts of one honest token. */
import {
  after,
  type Instant,
  instant,
  minutes,
  parseGrantId,
  parseRequestId,
  parseTokenId,
  spellId,
  type TokenFacts,
  wholeSecond,
} from '@sallyport/core';
import { CI, DEPLOY, ORDERS_READ, ORDERS_WRITE } from '@sallyport/testkit/core';

export const AUDIENCE = 'https://orders-db.acme.test';

/** A ten-minute token of the example's pipeline. */
export function someFacts(at: Instant = instant(Date.now()), change: Partial<TokenFacts> = {}): TokenFacts {
  const issuedAt = wholeSecond(at);
  return {
    jti: id(parseTokenId, 'tok_'),
    subject: DEPLOY,
    audience: AUDIENCE,
    clientId: CI,
    scopes: [ORDERS_READ, ORDERS_WRITE],
    grantId: id(parseGrantId, 'grt_'),
    requestId: id(parseRequestId, 'req_'),
    issuedAt,
    expiresAt: after(issuedAt, minutes(10)),
    ...change,
  };
}

function id<T>(parse: (text: string) => T | undefined, prefix: string): T {
  const parsed = parse(prefix + spellId(new Uint8Array(16).fill(7)));
  if (parsed === undefined) throw new Error('an id of the core');
  return parsed;
}
