/** What honest tokens of all dialects have in common: who says it, when, for how long, for whom. */
import type { JWTPayload } from 'jose';

/** What every token says besides its own claims. Seconds since 1970. */
export interface Framing {
  readonly issuer: string;
  readonly nowSeconds: number;
}

export interface TokenAsk {
  readonly audience: string;
  readonly ttlSeconds?: number;
  /** More claims, or others in place of the usual ones; `undefined` leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** How a dialect frames its tokens by itself. */
export interface Habit {
  readonly ttlSeconds: number;
  /** How long before it was issued a token says it is valid. */
  readonly validBeforeSeconds?: number;
}

/** An honest token's claims: the frame, its own, and what was asked for in their place. */
export function framed(ask: TokenAsk, { issuer, nowSeconds }: Framing, habit: Habit, own: object): JWTPayload {
  return defined({
    iss: issuer,
    aud: ask.audience,
    iat: nowSeconds,
    nbf: nowSeconds - (habit.validBeforeSeconds ?? 0),
    exp: nowSeconds + (ask.ttlSeconds ?? habit.ttlSeconds),
    ...own,
    ...ask.claims,
  });
}

let lastRun = 0;

/** Rises with every job, also across restarts. */
export function runNumber(): number {
  lastRun = Math.max(lastRun + 1, Date.now());
  return lastRun;
}

function defined(claims: Readonly<Record<string, unknown>>): JWTPayload {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}
