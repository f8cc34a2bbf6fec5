/** From the facts of a token to the claims that state them (RFC 9068 section 2.2). Nothing else is ever in a token. */
import {
  type Actors,
  type Detail,
  nameOf,
  numericDate,
  scopeText,
  type TokenFacts,
  type TokenStatus,
} from '@sallyport/core';

/** Who acts, and within it who acted before (RFC 8693 section 4.1): names, and nothing that expires or widens. */
export interface ActClaim {
  readonly iss: string;
  readonly sub: string;
  readonly act?: ActClaim;
}

export interface AccessTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly exp: number;
  readonly iat: number;
  readonly jti: string;
  readonly client_id: string;
  readonly scope: string;
  readonly grant_id: string;
  /** The request's id. */
  readonly txn: string;
  readonly act?: ActClaim;
  readonly cnf?: { readonly jkt: string };
  readonly authorization_details?: readonly Detail[];
  readonly status?: StatusClaim;
}

/** Where to see whether a token is over: a bit of a status list (OAuth Token Status List). */
export interface StatusClaim {
  readonly status_list: { readonly idx: number; readonly uri: string };
}

/** What a federation token says, to systems that know issuer, audience, subject and time. */
export interface FederationClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly exp: number;
  readonly iat: number;
  readonly nbf: number;
  readonly jti: string;
  readonly grant_id: string;
  /** The resource's id. */
  readonly target: string;
  readonly role: string;
  readonly act?: ActClaim;
  /** AWS STS takes session tags and the source identity from here: the grant shows in CloudTrail. */
  readonly 'https://aws.amazon.com/tags': { readonly principal_tags: { readonly grant: readonly [string] } };
  readonly 'https://aws.amazon.com/source_identity': string;
}

/** The claims of an access token of ours. Times are whole seconds. */
export function claimsOf(facts: TokenFacts, issuer: string): AccessTokenClaims {
  return {
    iss: issuer,
    sub: nameOf(facts.subject),
    aud: facts.audience,
    exp: numericDate(facts.expiresAt),
    iat: numericDate(facts.issuedAt),
    jti: facts.jti,
    client_id: facts.clientId,
    scope: scopeText(facts.scopes),
    grant_id: facts.grantId,
    txn: facts.requestId,
    ...actMember(facts.actors, issuer),
    ...(facts.jkt === undefined ? {} : { cnf: { jkt: facts.jkt } }),
    ...(facts.details === undefined ? {} : { authorization_details: facts.details }),
    ...(facts.status === undefined ? {} : { status: statusClaim(facts.status, issuer) }),
  };
}

/** The address of a status list, and its `sub`. */
export function statusListUri(list: number, issuer: string): string {
  return `${issuer}/oauth/status-lists/${list}`;
}

function statusClaim({ list, index }: TokenStatus, issuer: string): StatusClaim {
  return { status_list: { idx: index, uri: statusListUri(list, issuer) } };
}

/** The claims of a federation token of ours. Throws on the facts of another kind. */
export function federationClaimsOf(facts: TokenFacts, issuer: string): FederationClaims {
  const { federation, grantId } = facts;
  if (federation === undefined) throw new Error('not the facts of a federation token');
  return {
    iss: issuer,
    sub: nameOf(facts.subject),
    aud: facts.audience,
    exp: numericDate(facts.expiresAt),
    iat: numericDate(facts.issuedAt),
    nbf: numericDate(facts.issuedAt),
    jti: facts.jti,
    grant_id: grantId,
    target: federation.target,
    role: federation.role,
    ...actMember(facts.actors, issuer),
    'https://aws.amazon.com/tags': { principal_tags: { grant: [grantId] } },
    'https://aws.amazon.com/source_identity': grantId,
  };
}

/** `act` of a token: the current actor outermost. Parties without an issuer are ours. */
export function actClaim(actors: Actors, issuer: string): ActClaim {
  const [current, ...before] = actors;
  const [next, ...older] = before;
  const { iss = issuer, sub } = current;
  return { iss, sub, ...(next === undefined ? {} : { act: actClaim([next, ...older], issuer) }) };
}

function actMember(actors: Actors | undefined, issuer: string): { readonly act?: ActClaim } {
  return actors === undefined ? {} : { act: actClaim(actors, issuer) };
}
