/** DPoP nonces (RFC 9449 section 8): a MAC over a step of time, so that every broker with the key takes those of every other. */
import { createHmac } from 'node:crypto';
import type { Instant } from '@sallyport/core';
import { equalBytes } from '@sallyport/platform';

export interface ProofNonces {
  /** The nonce to use now. */
  current(now: Instant): string;
  /** Whether it is the nonce of this step or the one before. */
  accepts(nonce: string, now: Instant): boolean;
}

const STEP_MS = 60_000;

/** @param key 32 random bytes, the same on every broker */
export function makeProofNonces(key: Uint8Array): ProofNonces {
  const of = (step: number): string =>
    createHmac('sha256', key).update(`sallyport dpop nonce v1 ${step}`).digest('base64url').slice(0, 32);
  const stepAt = (now: Instant): number => Math.floor(now / STEP_MS);
  return {
    current: (now) => of(stepAt(now)),
    accepts: (nonce, now) => [0, 1].some((back) => equalBytes(nonce, of(stepAt(now) - back))),
  };
}
