/** Tokens from outside: one function for every door, from the text of a token to the one principal it stands for. */
import {
  err,
  type Instant,
  type Issuer,
  identify,
  inSeconds,
  instant,
  issuerByUrl,
  type JsonObject,
  ok,
  type Policy,
  PRESETS,
  type RefusalOf,
  type Result,
  type SubjectVerifier,
  starterOf,
  type VerifiedSubject,
} from '@sallyport/core';
import { sha256Hex } from '@sallyport/platform';
import { isClaimText } from './claim-text.ts';
import { delegationIn } from './delegation.ts';
import type { IssuerKeys } from './issuers.ts';
import { parseRawJwt, type RawJwt } from './raw-jwt.ts';
import { type JwtRules, verifyJwt } from './verify-jwt.ts';

export interface SubjectVerifierDeps {
  readonly keys: IssuerKeys;
  /** SALLYPORT_ISSUER: our own tokens are never somebody else's, whatever a policy trusts. */
  readonly ownIssuer: string;
}

type Rejected = RefusalOf<'subject_token_rejected'>;

/** RFC 7519 leaves leeway to us: the clocks of others may be this far off. */
const LEEWAY_SECONDS = 30;
const LIFE_SECONDS_MAX = 24 * 60 * 60;

/** Verifies by every rule of docs/protocol.md, "Tokens from outside". Any doubt is a refusal; `why` is one stable word. */
export function makeSubjectVerifier({ keys, ownIssuer }: SubjectVerifierDeps): SubjectVerifier {
  return {
    async verify(token: string, policy: Policy, now: Instant): Promise<Result<VerifiedSubject, Rejected>> {
      const raw = parseRawJwt(token);
      if (!raw.ok) return reject(raw.error);
      const issuer = trustedIssuer(raw.value, policy, ownIssuer);
      if (!issuer.ok) return reject(issuer.error);
      const key = await keys.keyFor(issuer.value, raw.value);
      if (key === undefined) return reject('unknown_key');
      const claims = await verifyJwt(raw.value, key, rulesOf(issuer.value), now);
      if (!claims.ok) return reject(claims.error);
      return toSubject(claims.value, raw.value, issuer.value, policy);
    },
  };
}

function reject(why: string): Result<never, Rejected> {
  return err({ code: 'subject_token_rejected', why });
}

/** Still unverified, `iss` picks a configured issuer by exact text and nothing more. */
function trustedIssuer({ claims, alg, typ }: RawJwt, policy: Policy, ownIssuer: string): Result<Issuer, string> {
  if (typ !== undefined && typ !== 'JWT') return err('typ');
  const issuer =
    typeof claims.iss === 'string' && claims.iss !== ownIssuer ? issuerByUrl(policy, claims.iss) : undefined;
  if (issuer === undefined) return err('unknown_issuer');
  return issuer.algorithms.includes(alg) ? ok(issuer) : err('algorithm');
}

function rulesOf({ algorithms, issuer, audience, maxTokenAge }: Issuer): JwtRules {
  const requiredClaims = ['exp', 'iat', 'sub'];
  const maxTokenAgeSeconds = inSeconds(maxTokenAge);
  return { algorithms, issuer, audience, requiredClaims, maxTokenAgeSeconds, leewaySeconds: LEEWAY_SECONDS };
}

/** What the standard leaves to us: shapes, life, audience alone, who it stands for. */
function toSubject(claims: JsonObject, raw: RawJwt, issuer: Issuer, policy: Policy): Result<VerifiedSubject, Rejected> {
  const { sub, exp, iat } = claims;
  if (!isClaimText(sub)) return reject('sub');
  if (typeof exp !== 'number' || typeof iat !== 'number' || !(exp - iat <= LIFE_SECONDS_MAX)) return reject('life');
  if (!isAudience(claims.aud, issuer.audience)) return reject('aud');
  if (issuer.kind === 'workforce' && claims.azp !== undefined && claims.azp !== issuer.audience) return reject('azp');
  const jti = tokenIdOf(claims, raw, issuer);
  if (jti === undefined) return reject('jti');
  const delegation = delegationIn(claims);
  if (!delegation.ok) return reject(delegation.error);
  const principal = identify(policy, issuer, claims);
  if (!principal.ok) return reject(principal.error);
  const startedBy = starterOf(policy, issuer, claims);
  return ok({
    principal: principal.value,
    issuer,
    sub,
    jti,
    expiresAt: instant(exp * 1_000),
    ...delegation.value,
    ...(startedBy === undefined ? {} : { startedBy }),
  });
}

/** One audience, ours: as a text, or alone in a list. */
function isAudience(aud: unknown, wanted: string): boolean {
  return aud === wanted || (Array.isArray(aud) && aud.length === 1 && aud[0] === wanted);
}

/** Tokens of workloads must name themselves. ID tokens, and those of some CI systems, do not: a hash of what was signed stands in. */
function tokenIdOf({ jti }: JsonObject, { signingInput }: RawJwt, { kind, preset }: Issuer): string | undefined {
  if (jti !== undefined) return isClaimText(jti) ? jti : undefined;
  if (kind === 'workload' && PRESETS[preset].namesItself) return undefined;
  return `sha256:${sha256Hex(signingInput)}`;
}
