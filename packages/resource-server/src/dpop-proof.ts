/** Checks a proof of possession at a resource server (RFC 9449 sections 4.3 and 7). */
import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from './clock.ts';
import { comparableUrl } from './public-url.ts';
import type { ReplayMemory } from './replay-memory.ts';

/** What the proof has to be about. */
export interface Proven {
  readonly method: string;
  /** Undefined: it cannot be told, so nothing proves it. */
  readonly url: string | undefined;
  readonly token: string;
  /** `cnf.jkt` of the token. */
  readonly jkt: string;
}

export type ProofResult = 'proven' | 'proof_missing' | 'proof_rejected' | 'proof_replayed' | 'other_key';

export interface ProofCheck {
  /** `proofs`: the values of the DPoP header field; exactly one is right. */
  check(proofs: readonly string[], about: Proven): Promise<ProofResult>;
}

export interface ProofCheckDeps {
  readonly maxAgeSeconds: number;
  readonly clockToleranceSeconds: number;
  readonly replay: ReplayMemory;
  readonly clock: Clock;
}

/** Asymmetric, and what the broker itself takes. Named in challenges. */
export const PROOF_ALGORITHMS = ['ES256', 'RS256', 'PS256', 'Ed25519'];

const PROOF_LENGTH_MAX = 8 * 1_024;
const JTI_LENGTH_MAX = 255;

/** A check with a memory of its own: another process knows nothing of the proofs this one has seen. */
export function makeProofCheck({ maxAgeSeconds, clockToleranceSeconds, replay, clock }: ProofCheckDeps): ProofCheck {
  return {
    async check([proof, ...more], about) {
      if (proof === undefined) return 'proof_missing';
      if (more.length > 0 || proof.length > PROOF_LENGTH_MAX) return 'proof_rejected';
      const nowMs = clock.nowMs();
      const opened = await open(proof, nowMs);
      if (opened === undefined || !isAbout(opened.claims, about)) return 'proof_rejected';
      if (opened.jkt !== about.jkt) return 'other_key';
      const { jti, iat } = opened.claims;
      if (!isJti(jti) || iat === undefined) return 'proof_rejected';
      return replay.firstUse({ jkt: opened.jkt, jti, iat }, nowMs) ? 'proven' : 'proof_replayed';
    },
  };

  /** Signature by the key inside, type, age; that key's thumbprint (RFC 7638). */
  async function open(proof: string, nowMs: number): Promise<{ claims: JWTPayload; jkt: string } | undefined> {
    try {
      const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
        typ: 'dpop+jwt',
        algorithms: PROOF_ALGORITHMS,
        requiredClaims: ['jti', 'htm', 'htu', 'iat', 'ath'],
        maxTokenAge: maxAgeSeconds,
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(nowMs),
      });
      const { jwk } = protectedHeader;
      return jwk === undefined ? undefined : { claims: payload, jkt: await calculateJwkThumbprint(jwk) };
    } catch {
      return undefined;
    }
  }
}

function isAbout({ htm, htu, ath }: JWTPayload, { method, url, token }: Proven): boolean {
  const wanted = url === undefined ? undefined : comparableUrl(url);
  const given = typeof htu === 'string' ? comparableUrl(htu) : undefined;
  return htm === method && wanted !== undefined && given === wanted && ath === hashOf(token);
}

function hashOf(token: string): string {
  return createHash('sha256').update(token, 'ascii').digest('base64url');
}

function isJti(jti: string | undefined): jti is string {
  return typeof jti === 'string' && jti !== '' && jti.length <= JTI_LENGTH_MAX;
}
