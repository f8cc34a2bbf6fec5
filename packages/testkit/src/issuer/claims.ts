/** The claims of honest tokens: what an identity provider says of a person, what a CI system says of a job. */
import { randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';

const ID_TOKEN_SECONDS = 3_600;
const JOB_TOKEN_SECONDS = 300;

/** What every token says besides its own claims. Seconds since 1970. */
export interface Framing {
  readonly issuer: string;
  readonly nowSeconds: number;
  readonly ttlSeconds?: number;
}

export interface IdTokenAsk {
  readonly sub: string;
  readonly audience: string;
  readonly ttlSeconds?: number;
  /** More claims, or others in place of the usual ones; `undefined` leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

export interface JobTokenAsk {
  readonly audience: string;
  readonly ttlSeconds?: number;
  readonly repository?: string;
  readonly repositoryId?: string;
  readonly repositoryOwnerId?: string;
  readonly ref?: string;
  readonly eventName?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
}

function framed(framing: Framing, ttlSeconds: number): JWTPayload {
  const lasts = framing.ttlSeconds ?? ttlSeconds;
  return { iss: framing.issuer, iat: framing.nowSeconds, nbf: framing.nowSeconds, exp: framing.nowSeconds + lasts };
}

/** An ID token's claims (OpenID Connect Core, section 2). Like most providers' it has no `jti`. */
export function idTokenClaims(ask: IdTokenAsk, framing: Framing): JWTPayload {
  return defined({
    ...framed(
      { ...framing, ...(ask.ttlSeconds === undefined ? {} : { ttlSeconds: ask.ttlSeconds }) },
      ID_TOKEN_SECONDS,
    ),
    sub: ask.sub,
    aud: ask.audience,
    auth_time: framing.nowSeconds,
    ...ask.claims,
  });
}

/** A job token's claims, shaped like those of GitHub Actions: a fresh `jti` and run each time, ids as strings. */
export function jobTokenClaims(ask: JobTokenAsk, framing: Framing): JWTPayload {
  const repository = ask.repository ?? 'acme/payments';
  const ref = ask.ref ?? 'refs/heads/main';
  return defined({
    ...framed(
      { ...framing, ...(ask.ttlSeconds === undefined ? {} : { ttlSeconds: ask.ttlSeconds }) },
      JOB_TOKEN_SECONDS,
    ),
    sub: `repo:${repository}:ref:${ref}`,
    aud: ask.audience,
    jti: randomUUID(),
    repository,
    repository_id: ask.repositoryId ?? '123',
    repository_owner: repository.split('/', 1)[0],
    repository_owner_id: ask.repositoryOwnerId ?? '42',
    ref,
    ref_type: 'branch',
    event_name: ask.eventName ?? 'push',
    run_id: String(runNumber()),
    run_attempt: '1',
    runner_environment: 'github-hosted',
    ...ask.claims,
  });
}

let lastRun = 0;

/** Rises with every job, also across restarts. */
function runNumber(): number {
  lastRun = Math.max(lastRun + 1, Date.now());
  return lastRun;
}

function defined(claims: Record<string, unknown>): JWTPayload {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}
