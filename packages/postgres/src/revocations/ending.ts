/** Owns which rows of the trail end tokens before their time, and for how long they matter to anybody. */
import { TOKEN_LIFE_MAX, VERIFIERS_LEEWAY_MAX } from '@sallyport/core';

/** The predicate of the partial indexes: it must be spelled as they spell it. */
export const ENDING = `type in ('grant.revoked', 'token.revoked', 'token.barred')`;

/** Woken when such a row was committed. */
export const REVOCATIONS_CHANNEL = 'sallyport_revocations';

/** Tells who listens on commit. */
export const TELL = `pg_notify('${REVOCATIONS_CHANNEL}', '')`;

/** Whether a row of this type ends tokens. */
export function endsTokens(type: unknown): boolean {
  return typeof type === 'string' && ENDING.includes(`'${type}'`);
}

/** Older rows end tokens that are over anyway. Some minutes more than needed: clocks and long transactions. */
export const MATTERS_SECONDS = (TOKEN_LIFE_MAX + VERIFIERS_LEEWAY_MAX) / 1_000 + 180;

/** The time after which an end still matters: some verifiers go on a little longer. Read once for a statement. */
export const STILL = `((select clock_timestamp()) - interval '${VERIFIERS_LEEWAY_MAX} milliseconds')`;
/** The time of the oldest rows that matter. */
export const SINCE = `((select clock_timestamp()) - interval '${MATTERS_SECONDS} seconds')`;
