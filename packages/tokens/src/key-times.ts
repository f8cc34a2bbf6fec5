/** How long keys are published before they sign and kept after: what verifiers cache decides it (docs/keys.md). */
import { type Duration, duration, hours, minutes } from '@sallyport/core';

/** A key is published this long before its first signature: verifiers keep our JWKS for 5 to 10 minutes, some longer. */
export const PUBLISHED_AHEAD: Duration = hours(1);

/** After a key's last signature: the longest life of a token (`token.ttl` is at most an hour), and what verifiers cache. */
export const MAY_VERIFY: Duration = duration(hours(1) + minutes(5));

/** When `keys rotate` drops a retired key. An hour more than needed, for a broker may sign with it that much longer. */
export const KEPT_AFTER: Duration = duration(MAY_VERIFY + PUBLISHED_AHEAD);
