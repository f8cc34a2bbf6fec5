/** Verifies a JWT that was taken apart: its signature, then its registered claims (RFC 7519 section 4.1). Agrees with jose on every token. */
import { err, type Instant, type JsonObject, numericDate, ok, type Result } from '@sallyport/core';
import type { CryptoKey } from 'jose';
import { holdsSignature } from './jws-signature.ts';
import type { RawJwt } from './raw-jwt.ts';

export interface JwtRules extends ClaimRules {
  /** Never taken from the token. */
  readonly algorithms: readonly string[];
}

export interface ClaimRules {
  readonly issuer: string;
  /** Among the token's audiences; absent: not looked at. */
  readonly audience?: string;
  readonly requiredClaims: readonly string[];
  /** Whole seconds since `iat`; absent: as old as `exp` allows. */
  readonly maxTokenAgeSeconds?: number;
  readonly leewaySeconds: number;
}

/** One stable word of what is wrong, for the log. */
export type JwtProblem = 'algorithm' | 'signature' | `claim:${string}`;

/** Checks signature and claims. Returns the claims, or what is wrong first. */
export async function verifyJwt(
  raw: RawJwt,
  key: CryptoKey,
  rules: JwtRules,
  now: Instant,
): Promise<Result<JsonObject, JwtProblem>> {
  if (!rules.algorithms.includes(raw.alg)) return err('algorithm');
  if (!(await holdsSignature(raw.alg, key, raw.signingInput, raw.signature))) return err('signature');
  return checkClaims(raw.claims, rules, now);
}

/** The registered claims alone, of a token whose signature holds. */
export function checkClaims(claims: JsonObject, rules: ClaimRules, now: Instant): Result<JsonObject, JwtProblem> {
  const wrong = wrongClaim(claims, rules, numericDate(now));
  return wrong === undefined ? ok(claims) : err(`claim:${wrong}` as const);
}

function wrongClaim(claims: JsonObject, rules: ClaimRules, nowSeconds: number): string | undefined {
  const missing = requiredBy(rules).find((name) => !Object.hasOwn(claims, name));
  if (missing !== undefined) return missing;
  if (claims.iss !== rules.issuer) return 'iss';
  if (rules.audience !== undefined && !isAmong(rules.audience, claims.aud)) return 'aud';
  return wrongTime(claims, rules, nowSeconds);
}

function requiredBy({ requiredClaims, audience, maxTokenAgeSeconds }: ClaimRules): readonly string[] {
  const byAudience = audience === undefined ? [] : ['aud'];
  const byAge = maxTokenAgeSeconds === undefined ? [] : ['iat'];
  return ['iss', ...byAudience, ...byAge, ...requiredClaims];
}

function isAmong(audience: string, aud: unknown): boolean {
  return aud === audience || (Array.isArray(aud) && aud.includes(audience));
}

/** Each date a number if it is there; not too old, not from the future, not over. */
function wrongTime({ iat, nbf, exp }: JsonObject, rules: ClaimRules, nowSeconds: number): string | undefined {
  const { leewaySeconds: leeway, maxTokenAgeSeconds: oldest } = rules;
  if (iat !== undefined && typeof iat !== 'number') return 'iat';
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > nowSeconds + leeway)) return 'nbf';
  if (exp !== undefined && (typeof exp !== 'number' || exp <= nowSeconds - leeway)) return 'exp';
  if (oldest === undefined) return undefined;
  if (iat === undefined) return 'iat';
  const age = nowSeconds - iat;
  return age - leeway > oldest || age < -leeway ? 'iat' : undefined;
}
