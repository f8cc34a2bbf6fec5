/** The DPoP proof of a call (RFC 9449 section 5): the key it proves, once. Missing is no refusal here: whether one must come is said later. */
import {
  type Clock,
  err,
  type Instant,
  ok,
  type Proof,
  type ProofVerifier,
  type Refusal,
  type ReplayGuard,
  type Result,
} from '@sallyport/core';
import type { FastifyRequest } from 'fastify';

/** Nonces, where a house wants them: every proof must then carry a fresh one. */
export interface Nonces {
  current(now: Instant): string;
  accepts(nonce: string, now: Instant): boolean;
}

export interface ProofDeps {
  readonly issuer: string;
  readonly clock: Clock;
  readonly proofs: ProofVerifier;
  readonly replayGuard: ReplayGuard;
  readonly nonces?: Nonces;
}

/**
 * The thumbprint of the proved key, or undefined without a proof. `path` is ours: neither Host nor a forwarded header counts.
 * Refusals: proof_rejected, nonce_required (nothing is used up then).
 */
export async function provenKey(
  deps: ProofDeps,
  request: FastifyRequest,
  path: string,
): Promise<Result<string | undefined, Refusal>> {
  const header = request.headers.dpop;
  if (header === undefined) return ok(undefined);
  // Node joins repeated headers with a comma, which no compact proof has.
  if (typeof header !== 'string' || header.includes(',')) return rejected('several');
  const now = deps.clock.now();
  const proof = await deps.proofs.verify(header, { method: 'POST', url: `${deps.issuer}${path}` }, now);
  if (!proof.ok) return proof;
  const nonce = checkNonce(deps, proof.value, now);
  if (!nonce.ok) return nonce;
  return (await deps.replayGuard.first(proof.value)) ? ok(proof.value.jkt) : rejected('replayed');
}

function checkNonce({ nonces }: ProofDeps, { nonce }: Proof, now: Instant): Result<void, Refusal> {
  if (nonces === undefined || (nonce !== undefined && nonces.accepts(nonce, now))) return ok(undefined);
  return err({ code: 'nonce_required', nonce: nonces.current(now) });
}

function rejected(why: string): Result<never, Refusal> {
  return err({ code: 'proof_rejected', why });
}
