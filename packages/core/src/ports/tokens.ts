/** Tokens: verifying those of others, signing and verifying our own. */
import type { TokenId } from '../domain/ids.ts';
import type { Instant } from '../domain/instant.ts';
import type { TokenFacts } from '../domain/issuance.ts';
import type { Issuer, Policy } from '../domain/policy.ts';
import type { Principal } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Result } from '../domain/result.ts';

/** A token of a trusted issuer, verified. */
export interface VerifiedSubject {
  readonly principal: Principal;
  readonly issuer: Issuer;
  readonly sub: string;
  /** The token's `jti`; for people's tokens without one a hash of the signing input stands in. */
  readonly jti: string;
  readonly expiresAt: Instant;
}

export interface SubjectVerifier {
  /** Every rule of docs/protocol.md, "Tokens from outside". One refusal for every reason; `why` is for the log. */
  verify(
    token: string,
    policy: Policy,
    now: Instant,
  ): Promise<Result<VerifiedSubject, Extract<Refusal, { code: 'subject_token_rejected' }>>>;
}

export interface Signer {
  /** Signs an `at+jwt` (RFC 9068). ECDSA is randomized: the same facts give another signature. */
  sign(facts: TokenFacts): Promise<string>;
}

export interface OwnVerifier {
  /** The `jti` of a well-formed, rightly signed access token of ours that is in time; else undefined. Whether it is active is the ledger's to say. */
  verify(token: string, now: Instant): Promise<TokenId | undefined>;
}
