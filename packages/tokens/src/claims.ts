/** From the facts of a token to the claims that state them (RFC 9068 section 2.2). Nothing else is ever in a token. */
import { nameOf, numericDate, scopeText, type TokenFacts } from '@sallyport/core';

export interface AccessTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly exp: number;
  readonly iat: number;
  readonly jti: string;
  readonly client_id: string;
  readonly scope: string;
  readonly grant_id: string;
  /** The request's id. */
  readonly txn: string;
}

/** The claims of an access token of ours. Times are whole seconds. */
export function claimsOf(facts: TokenFacts, issuer: string): AccessTokenClaims {
  return {
    iss: issuer,
    sub: nameOf(facts.subject),
    aud: facts.audience,
    exp: numericDate(facts.expiresAt),
    iat: numericDate(facts.issuedAt),
    jti: facts.jti,
    client_id: facts.clientId,
    scope: scopeText(facts.scopes),
    grant_id: facts.grantId,
    txn: facts.requestId,
  };
}
