/** Verifies an access token by the issuer's keys: RFC 9068 section 4, with nothing left to the token. */
import { REQUIRED_CLAIMS, readClaims, type TokenClaims } from './claims.ts';
import type { Clock } from './clock.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { openSigned } from './signed-jwt.ts';

/** @throws Outage when the issuer's keys cannot be had */
export type OpenAccessToken = (token: string) => Promise<TokenClaims | 'rejected' | 'expired'>;

export interface OpenAccessTokenDeps {
  readonly issuer: string;
  readonly audience: string;
  readonly clockToleranceSeconds: number;
  readonly keys: IssuerKeys;
  readonly clock: Clock;
}

const TOKEN_LENGTH_MAX = 16 * 1_024;
/** No token of our issuer lives longer; what says so is not one. */
export const TOKEN_LIFE_SECONDS_MAX = 3_600;

export function makeOpenAccessToken(deps: OpenAccessTokenDeps): OpenAccessToken {
  const { issuer, audience, clockToleranceSeconds, keys, clock } = deps;
  const demands = {
    issuer,
    audience,
    typ: 'at+jwt',
    requiredClaims: REQUIRED_CLAIMS,
    maxTokenAge: TOKEN_LIFE_SECONDS_MAX,
    clockTolerance: clockToleranceSeconds,
    lengthMax: TOKEN_LENGTH_MAX,
  };
  return async (token) => {
    const nowMs = clock.nowMs();
    const payload = await openSigned(token, keys.find, { ...demands, currentDate: new Date(nowMs) });
    if (typeof payload === 'string') return payload;
    const claims = readClaims(payload);
    if (claims === undefined || claims.expiresAt - claims.issuedAt > TOKEN_LIFE_SECONDS_MAX) return 'rejected';
    // The tolerance is for a clock that is behind; the end of a grant is nobody's to extend.
    return claims.expiresAt * 1_000 <= nowMs ? 'expired' : claims;
  };
}
