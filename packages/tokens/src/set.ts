/** A revocation as a Security Event Token (RFC 8417): the one way it leaves the house, signed for the one audience it is about. */
import { type Instant, numericDate, type Revocation } from '@sallyport/core';
import type { KeysInForce } from './live-keys.ts';
import { signJwt } from './sign-jwt.ts';

const TYPE = 'secevent+jwt';
const TOKEN_REVOKED = 'urn:sallyport:event:token-revoked';
const GRANT_ENDED = 'urn:sallyport:event:grant-ended';
/** About 8 MB. Many read the same; each is signed once while it is young. */
const KEPT_MAX = 10_000;

export interface SetSignerDeps {
  /** SALLYPORT_ISSUER, to the letter. */
  readonly issuer: string;
  readonly keys: KeysInForce;
}

/** The SET of a revocation. `now`: when it is signed, unless it was before. */
export type SignRevocation = (revocation: Revocation, now: Instant) => Promise<string>;

/** Signs with the key of access tokens, anew when that is another: who no longer knows the old one must hear it too. */
export function makeRevocationSigner({ issuer, keys }: SetSignerDeps): SignRevocation {
  const kept = new Map<string, Promise<string>>();

  function keep(name: string, set: Promise<string>): Promise<string> {
    kept.set(name, set);
    // A signature that failed is tried again.
    set.catch(() => kept.delete(name));
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_MAX) break;
      kept.delete(oldest);
    }
    return set;
  }

  return (revocation, now) => {
    const key = keys.current().signing.ES256;
    const name = `${key.kid} ${revocation.id}`;
    return kept.get(name) ?? keep(name, signJwt(key, TYPE, claimsOf(revocation, now, issuer)));
  };
}

/** No `exp` (RFC 8417 section 2.2: it stays true) and no `sub` (section 3: what it is about is in the event). */
function claimsOf(revocation: Revocation, now: Instant, issuer: string) {
  const { id, audience } = revocation;
  return { iss: issuer, iat: numericDate(now), jti: id, aud: audience, events: eventOf(revocation) };
}

function eventOf({ what, endsAt }: Revocation): object {
  const exp = numericDate(endsAt);
  return what.kind === 'token'
    ? { [TOKEN_REVOKED]: { jti: what.jti, exp } }
    : { [GRANT_ENDED]: { grant_id: what.grantId, exp } };
}
