/** Reads one event of the revocation feed: a Security Event Token (RFC 8417) of our issuer, for our audience. */
import type { JWTPayload } from 'jose';
import { membersOf } from '../http.ts';
import type { IssuerKeys } from '../issuer-keys.ts';
import { openSigned } from '../signed-jwt.ts';
import type { Ended } from './revoked.ts';

/** Undefined: not the issuer's, not for us, or of a kind we do not know. */
export type ReadEvent = (set: string) => Promise<Ended | undefined>;

export interface ReadEventDeps {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: IssuerKeys;
}

const TOKEN_REVOKED = 'urn:sallyport:event:token-revoked';
const GRANT_ENDED = 'urn:sallyport:event:grant-ended';
const SET_LENGTH_MAX = 16 * 1_024;
const ID_LENGTH_MAX = 255;

/** @returns a reader that throws Outage when the issuer's keys cannot be had: then the event is still to be read */
export function makeReadEvent({ issuer, audience, keys }: ReadEventDeps): ReadEvent {
  // No exp: an event stays true (RFC 8417 section 2.2). No sub: it is in the event.
  const demands = {
    issuer,
    audience,
    typ: 'secevent+jwt',
    requiredClaims: ['iat', 'jti', 'events'],
    lengthMax: SET_LENGTH_MAX,
  };
  return async (set) => {
    const payload = await openSigned(set, keys.findForIssuer, demands);
    return typeof payload === 'string' || payload.aud !== audience ? undefined : endedIn(payload);
  };
}

/** Exactly one event, of one of the two kinds. */
function endedIn({ events }: JWTPayload): Ended | undefined {
  const [[kind, body] = [], ...more] = Object.entries(membersOf(events) ?? {});
  const { jti, grant_id, exp } = membersOf(body) ?? {};
  if (more.length > 0 || typeof exp !== 'number' || !Number.isSafeInteger(exp)) return undefined;
  if (kind === TOKEN_REVOKED && isId(jti)) return { what: 'token', id: jti, endsAt: exp };
  return kind === GRANT_ENDED && isId(grant_id) ? { what: 'grant', id: grant_id, endsAt: exp } : undefined;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= ID_LENGTH_MAX;
}
