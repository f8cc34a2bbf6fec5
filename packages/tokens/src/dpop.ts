/** DPoP proofs at our endpoints (RFC 9449 section 4.3): which key was proved, for this call, now. */
import {
  err,
  type Instant,
  instant,
  isJsonObject,
  type Json,
  type JsonObject,
  ok,
  type Proof,
  type ProofVerifier,
  type RefusalOf,
  type Result,
} from '@sallyport/core';
import { sha256Hex } from '@sallyport/platform';
import { calculateJwkThumbprint, compactVerify, importJWK, type JWK } from 'jose';
import { isClaimText } from './claim-text.ts';
import { hasKindFor, publicMembers, type UntrustedJwk } from './key-fit.ts';
import { parseCompactJws, REFUSED_MEMBERS } from './raw-jwt.ts';

/** Algorithms a proof may be signed with; in the metadata. */
export const PROOF_ALGS = ['ES256', 'RS256', 'PS256', 'Ed25519'] as const;

const TYP = 'dpop+jwt';
const PROOF_LENGTH_MAX = 8 * 1_024;
/** A proof this old is refused; one from the future may come of a clock that is a little fast. */
const AGE_SECONDS_MAX = 300;
const AHEAD_SECONDS_MAX = 60;
/** Used proofs are remembered past the moment they are refused for their age anyway. */
const REMEMBERED_SECONDS = AGE_SECONDS_MAX + 60;
/** Symmetric, or the private half: never a proof's key (RFC 9449 section 4.2). */
const NEVER_IN_JWK = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
/** A proof brings its key along; nothing else of a header may choose one. */
const REFUSED_IN_PROOF = REFUSED_MEMBERS.filter((member) => member !== 'jwk');

/** Verifies proofs. Replay and nonce are the caller's to judge: they need a memory. */
export function makeProofVerifier(): ProofVerifier {
  return { verify: (proof, about, now) => verifyProof(proof, about, now) };
}

type Rejected = RefusalOf<'proof_rejected'>;

async function verifyProof(
  proof: string,
  about: { readonly method: string; readonly url: string },
  now: Instant,
): Promise<Result<Proof, Rejected>> {
  const jws = proof.length > PROOF_LENGTH_MAX ? undefined : parseCompactJws(proof);
  if (jws === undefined || !jws.ok) return reject('not_a_proof');
  const { head, claims } = jws.value;
  const key = keyIn(head);
  if (!key.ok) return reject(key.error);
  const said = saidIn(claims, about, now);
  if (!said.ok) return reject(said.error);
  if (!(await isSignedBy(proof, key.value))) return reject('signature');
  const jkt = await calculateJwkThumbprint(key.value.jwk, 'sha256');
  const { jti, iat, nonce } = said.value;
  return ok({
    jkt,
    key: `dpop:${sha256Hex(JSON.stringify([jkt, about.url, jti]))}`,
    until: instant((iat + REMEMBERED_SECONDS) * 1_000),
    ...(nonce === undefined ? {} : { nonce }),
  });
}

function reject(why: string): Result<never, Rejected> {
  return err({ code: 'proof_rejected', why });
}

interface ProofKey {
  readonly alg: string;
  readonly jwk: JWK;
}

/** The key a proof brings along: asymmetric, public, of the kind its algorithm needs. */
function keyIn(head: JsonObject): Result<ProofKey, string> {
  const { typ, alg, jwk } = head;
  if (typ !== TYP) return err('typ');
  if (!isProofAlg(alg)) return err('alg');
  if (REFUSED_IN_PROOF.some((member) => Object.hasOwn(head, member))) return err('header_member');
  if (!isJsonObject(jwk) || NEVER_IN_JWK.some((member) => Object.hasOwn(jwk, member))) return err('jwk');
  const untrusted: UntrustedJwk = jwk;
  if (!hasKindFor(untrusted, alg)) return err('jwk');
  const members = publicMembers(untrusted);
  return Object.values(members).every((member) => typeof member === 'string')
    ? ok({ alg, jwk: members as JWK })
    : err('jwk');
}

function isProofAlg(alg: Json | undefined): alg is (typeof PROOF_ALGS)[number] {
  return PROOF_ALGS.some((known) => known === alg);
}

interface Said {
  readonly jti: string;
  readonly iat: number;
  readonly nonce?: string;
}

function saidIn(
  { htm, htu, iat, jti, nonce }: JsonObject,
  about: { readonly method: string; readonly url: string },
  now: Instant,
): Result<Said, string> {
  if (htm !== about.method) return err('htm');
  if (typeof htu !== 'string' || !isSameTarget(htu, about.url)) return err('htu');
  if (typeof iat !== 'number' || !isInTime(iat, now)) return err('iat');
  if (!isClaimText(jti)) return err('jti');
  if (nonce !== undefined && !isClaimText(nonce)) return err('nonce');
  return ok({ jti, iat, ...(nonce === undefined ? {} : { nonce }) });
}

function isInTime(iat: number, now: Instant): boolean {
  const age = now / 1_000 - iat;
  return age <= AGE_SECONDS_MAX && age >= -AHEAD_SECONDS_MAX;
}

/** RFC 9449 section 4.3 step 9: after normalization (RFC 3986 section 6.2), without query and fragment. */
function isSameTarget(htu: string, url: string): boolean {
  if (!URL.canParse(htu)) return false;
  const { origin, pathname, username, password } = new URL(htu);
  const wanted = new URL(url);
  return username === '' && password === '' && origin === wanted.origin && pathname === wanted.pathname;
}

async function isSignedBy(proof: string, { alg, jwk }: ProofKey): Promise<boolean> {
  try {
    await compactVerify(proof, await importJWK(jwk, alg), { algorithms: [alg] });
    return true;
  } catch {
    return false;
  }
}
