/** Tokens: verifying those of others, signing and verifying our own; proofs of keys and of clients. */
import type { ActingParty, MayAct } from '../domain/delegation.ts';
import type { TokenId } from '../domain/ids.ts';
import type { Instant } from '../domain/instant.ts';
import type { TokenFacts } from '../domain/issuance.ts';
import type { Client, Issuer, Policy } from '../domain/policy.ts';
import type { PersonId, Principal } from '../domain/principal.ts';
import type { Refusal, RefusalOf } from '../domain/refusal.ts';
import type { Result } from '../domain/result.ts';

/** A token of a trusted issuer, verified. */
export interface VerifiedSubject {
  readonly principal: Principal;
  readonly issuer: Issuer;
  readonly sub: string;
  /** The token's `jti`; where an issuer's tokens have none a hash of the signing input stands in. */
  readonly jti: string;
  readonly expiresAt: Instant;
  /** Who acted for it already, the last first (`act`, RFC 8693 section 4.1). */
  readonly actors: readonly ActingParty[];
  /** Who may act for it (`may_act`, RFC 8693 section 4.4). */
  readonly mayAct?: MayAct;
  /** Who started the run, where the token names somebody of the directory. */
  readonly startedBy?: PersonId;
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
  /** Whether there is a key for tokens of this kind: federation tokens need one of their own. */
  canSign(facts: Pick<TokenFacts, 'federation'>): boolean;
  /** Signs an `at+jwt` (RFC 9068), or a federation token. ECDSA is randomized: the same facts give another signature. Throws without a key. */
  sign(facts: TokenFacts): Promise<string>;
}

export interface OwnVerifier {
  /** The `jti` of a well-formed, rightly signed access token of ours that is in time; else undefined. Whether it is active is the ledger's to say. */
  verify(token: string, now: Instant): Promise<TokenId | undefined>;
}

/** What may be used once: a proof's or an assertion's own id, until it would be refused for its age anyway. */
export interface OneTime {
  readonly key: string;
  readonly until: Instant;
}

/** A verified DPoP proof. */
export interface Proof extends OneTime {
  /** RFC 7638 thumbprint of its key. */
  readonly jkt: string;
  readonly nonce?: string;
}

export interface ProofVerifier {
  /** Every check of RFC 9449 section 4.3 but the nonce and the replay. `url` is what `htu` must be: ours, never the caller's Host. */
  verify(
    proof: string,
    about: { readonly method: string; readonly url: string },
    now: Instant,
  ): Promise<Result<Proof, RefusalOf<'proof_rejected'>>>;
}

export interface ClientAssertionVerifier {
  /** The client an assertion says it is of; unverified. */
  claimedClient(assertion: string): string | undefined;
  /** RFC 7523 section 3, against the keys the policy has of this client. The error is for the log. */
  verify(assertion: string, client: Client, now: Instant): Promise<Result<OneTime, string>>;
}
