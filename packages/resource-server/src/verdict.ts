/** What a call turns out to be: somebody with a token that holds, or an answer to send instead. */

/** Who acts for the subject (RFC 8693 section 4.1). Only the current actor, the first, has decided anything. */
export interface Actor {
  readonly issuer: string | undefined;
  readonly subject: string;
}

/** One member of `authorization_details` (RFC 9396): as it was approved, not interpreted here. */
export interface AuthorizationDetail {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** A call whose access token holds, now, for what was needed. */
export interface Verified {
  readonly ok: true;
  /** `person:ID` or `workload:ID`. */
  readonly subject: string;
  /** Current actor first; empty when nobody acts for the subject. */
  readonly actors: readonly Actor[];
  readonly scopes: readonly string[];
  readonly authorizationDetails: readonly AuthorizationDetail[];
  /** The grant that gave the token: what people approved. */
  readonly grantId: string;
  /** The access request behind the grant, the claim `txn`. */
  readonly requestId: string;
  readonly clientId: string;
  readonly jti: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** The key the token is bound to, proven by this call; undefined for a bearer token. */
  readonly confirmation: { readonly jkt: string } | undefined;
}

/** Why a call was denied: for your log. The caller is told the standard code and no more. */
export type Because =
  | 'no_token'
  | 'malformed_authorization'
  | 'token_rejected'
  | 'token_expired'
  | 'bound_token_as_bearer'
  | 'unbound_token_as_dpop'
  | 'dpop_required'
  | 'proof_missing'
  | 'proof_rejected'
  | 'proof_replayed'
  | 'other_key'
  | 'revoked'
  | 'inactive'
  | 'scope_missing'
  | 'details_missing'
  | 'keys_unavailable'
  | 'revocations_unknown'
  | 'introspection_unavailable';

/** Codes of RFC 6750 section 3.1 and RFC 9449 section 7.1. */
export type ChallengeError = 'invalid_request' | 'invalid_token' | 'insufficient_scope' | 'invalid_dpop_proof';

/** A call that gets nothing but this answer. */
export interface Denied {
  readonly ok: false;
  readonly status: 400 | 401 | 403 | 503;
  /** Undefined when no token was shown, and at 503. */
  readonly error: ChallengeError | undefined;
  /** To be sent with it, lower case: `www-authenticate`, `cache-control`, `retry-after`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly because: Because;
}
