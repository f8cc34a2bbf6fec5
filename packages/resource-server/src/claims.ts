/** The claims of an access token of our issuer (RFC 9068), read strictly: what has another form than ours is none of ours. */
import type { JWTPayload } from 'jose';
import { membersOf } from './http.ts';
import type { Actor, AuthorizationDetail, Verified } from './verdict.ts';

/** Where a token's bit stands in a status list. */
export interface StatusReference {
  readonly uri: string;
  readonly index: number;
}

/** What a signed token says, checked for form. Times are seconds since 1970. */
export interface TokenClaims {
  readonly subject: string;
  readonly actors: readonly Actor[];
  readonly scopes: readonly string[];
  readonly details: readonly AuthorizationDetail[];
  readonly grantId: string;
  readonly requestId: string;
  readonly clientId: string;
  readonly jti: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly jkt: string | undefined;
  readonly status: StatusReference | undefined;
}

/** Beside what jose is told to check. */
export const REQUIRED_CLAIMS = ['sub', 'exp', 'iat', 'jti', 'client_id', 'grant_id', 'txn'];

const TEXT_LENGTH_MAX = 255;
const SCOPE_LENGTH_MAX = 4_096;
const ACTORS_MAX = 4;
const DETAILS_MAX = 100;
const SUBJECT = /^(?:person|workload):./;
const JKT = /^[A-Za-z0-9_-]{43}$/;

/** A claim that is not as it must be; never leaves this file. */
class Misformed extends Error {}

/** The claims of a payload whose signature, issuer, times are checked; undefined when any of them has a wrong form. */
export function readClaims(payload: JWTPayload): TokenClaims | undefined {
  try {
    // One string: a token for several audiences would be good elsewhere too.
    text(payload.aud);
    return {
      subject: matching(SUBJECT, payload.sub),
      actors: actorsIn(payload.act),
      scopes: scopesIn(payload.scope),
      details: detailsIn(payload.authorization_details),
      grantId: text(payload.grant_id),
      requestId: text(payload.txn),
      clientId: text(payload.client_id),
      jti: text(payload.jti),
      issuedAt: wholeNumber(payload.iat),
      expiresAt: wholeNumber(payload.exp),
      jkt: jktIn(payload.cnf),
      status: statusIn(payload.status),
    };
  } catch (problem) {
    if (problem instanceof Misformed) return undefined;
    throw problem;
  }
}

/** What the service is told about a token that holds. */
export function verifiedFrom(claims: TokenClaims): Verified {
  return {
    ok: true,
    subject: claims.subject,
    actors: claims.actors,
    scopes: claims.scopes,
    authorizationDetails: claims.details,
    grantId: claims.grantId,
    requestId: claims.requestId,
    clientId: claims.clientId,
    jti: claims.jti,
    issuedAt: new Date(claims.issuedAt * 1_000),
    expiresAt: new Date(claims.expiresAt * 1_000),
    confirmation: claims.jkt === undefined ? undefined : { jkt: claims.jkt },
  };
}

function text(value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.length > TEXT_LENGTH_MAX) throw new Misformed();
  return value;
}

function matching(form: RegExp, value: unknown): string {
  const found = text(value);
  if (!form.test(found)) throw new Misformed();
  return found;
}

function wholeNumber(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new Misformed();
  return value;
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  const found = membersOf(value);
  if (found === undefined) throw new Misformed();
  return found;
}

function scopesIn(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (typeof value !== 'string' || value.length > SCOPE_LENGTH_MAX) throw new Misformed();
  return value.split(' ').filter((scope) => scope !== '');
}

/** The current actor, then who acted before (RFC 8693 section 4.1). */
function actorsIn(value: unknown): readonly Actor[] {
  const actors: Actor[] = [];
  for (let next = value; next !== undefined; ) {
    const { iss, sub, act } = members(next);
    if (actors.length === ACTORS_MAX) throw new Misformed();
    actors.push({ issuer: iss === undefined ? undefined : text(iss), subject: text(sub) });
    next = act;
  }
  return actors;
}

function detailsIn(value: unknown): readonly AuthorizationDetail[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > DETAILS_MAX) throw new Misformed();
  return value.map((detail) => {
    const found = members(detail);
    return { ...found, type: text(found.type) };
  });
}

/** Bound to a key, or to nothing: a way of binding we do not know is not one to ignore (RFC 7800 section 3.1). */
function jktIn(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const { jkt, ...others } = members(value);
  if (Object.keys(others).length > 0) throw new Misformed();
  return matching(JKT, jkt);
}

function statusIn(value: unknown): StatusReference | undefined {
  const list = value === undefined ? undefined : members(value).status_list;
  if (list === undefined) return undefined;
  const { idx, uri } = members(list);
  if (typeof uri !== 'string' || uri.length > 2_000) throw new Misformed();
  return { index: wholeNumber(idx), uri };
}
