/** private_key_jwt (RFC 7523 section 3, RFC 9700 on audiences): a client proves itself by a key the policy has of it. */
import {
  type Client,
  type ClientAssertionVerifier,
  err,
  type Instant,
  instant,
  isJsonObject,
  type Json,
  type JsonObject,
  type OneTime,
  ok,
  type Result,
} from '@sallyport/core';
import { sha256Hex } from '@sallyport/platform';
import { type CryptoKey, importJWK, jwtVerify } from 'jose';
import { isClaimText } from './claim-text.ts';
import { fitsAlgorithm, publicMembers } from './key-fit.ts';
import { parseCompactJws, REFUSED_MEMBERS } from './raw-jwt.ts';

/** Algorithms an assertion may be signed with; in the metadata. */
export const ASSERTION_ALGS = ['ES256', 'RS256', 'PS256'] as const;

const TYPES = [undefined, 'JWT', 'client-authentication+jwt'];
const LEEWAY_SECONDS = 30;
const LIFE_SECONDS_MAX = 300;
const REMEMBERED_SECONDS = LEEWAY_SECONDS + 60;

export interface ClientAssertionDeps {
  /** SALLYPORT_ISSUER, the one audience: an endpoint's URL would let another server replay it here. */
  readonly issuer: string;
}

/** Verifies assertions. Whether one was used before is the replay guard's to say. */
export function makeClientAssertionVerifier({ issuer }: ClientAssertionDeps): ClientAssertionVerifier {
  return {
    claimedClient(assertion) {
      const jws = parseCompactJws(assertion);
      const sub = jws.ok ? jws.value.claims.sub : undefined;
      return isClaimText(sub) ? sub : undefined;
    },
    verify: (assertion, client, now) => verifyAssertion(assertion, client, issuer, now),
  };
}

async function verifyAssertion(
  assertion: string,
  client: Client,
  issuer: string,
  now: Instant,
): Promise<Result<OneTime, string>> {
  const jws = parseCompactJws(assertion);
  if (!jws.ok) return err(jws.error);
  const { head } = jws.value;
  if (!TYPES.some((typ) => typ === head.typ)) return err('typ');
  if (REFUSED_MEMBERS.some((member) => Object.hasOwn(head, member))) return err('header_member');
  const alg = ASSERTION_ALGS.find((known) => known === head.alg);
  if (alg === undefined) return err('alg');
  const key = await keyOf(client, head, alg);
  if (key === undefined) return err('unknown_key');
  const claims = await verifiedClaims(assertion, key, alg, client, issuer, now);
  return claims === undefined ? err('unverifiable') : toOneTime(claims, client, issuer, now);
}

/** The one key of the client that fits: by name where the assertion names one. Two that fit are none. */
async function keyOf(client: Client, { kid }: JsonObject, alg: string): Promise<CryptoKey | undefined> {
  const keys = jwksOf(client).filter((jwk) => fitsAlgorithm(jwk, alg) && (kid === undefined || jwk.kid === kid));
  const [only, ...others] = keys;
  if (only === undefined || others.length > 0) return undefined;
  try {
    const key = await importJWK(publicMembers(only), alg);
    return key instanceof Uint8Array ? undefined : key;
  } catch {
    return undefined;
  }
}

function jwksOf({ jwks }: Client): readonly JsonObject[] {
  const keys: Json = jwks?.keys ?? [];
  return Array.isArray(keys) ? keys.filter((key: Json) => isJsonObject(key)) : [];
}

async function verifiedClaims(
  assertion: string,
  key: CryptoKey,
  alg: string,
  client: Client,
  issuer: string,
  now: Instant,
): Promise<JsonObject | undefined> {
  try {
    const { payload } = await jwtVerify(assertion, key, {
      algorithms: [alg],
      issuer: client.id,
      subject: client.id,
      audience: issuer,
      requiredClaims: ['exp', 'jti'],
      clockTolerance: LEEWAY_SECONDS,
      currentDate: new Date(now),
    });
    return payload as JsonObject;
  } catch {
    return undefined;
  }
}

/** What the library does not look at: one audience, a short life, a name of its own. */
function toOneTime(
  { aud, exp, jti }: JsonObject,
  client: Client,
  issuer: string,
  now: Instant,
): Result<OneTime, string> {
  if (aud !== issuer && !(Array.isArray(aud) && aud.length === 1)) return err('aud');
  if (typeof exp !== 'number' || exp - now / 1_000 > LIFE_SECONDS_MAX + LEEWAY_SECONDS) return err('exp');
  if (!isClaimText(jti)) return err('jti');
  return ok({
    key: `assertion:${sha256Hex(JSON.stringify([client.id, jti]))}`,
    until: instant((exp + REMEMBERED_SECONDS) * 1_000),
  });
}
