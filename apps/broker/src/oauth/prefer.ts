/** How long a poll may be held: as long as we like, unless the client prefers less (`Prefer: wait=N`, RFC 7240 section 4.3). */

/** Clients give up after 30 s. */
export const HOLD_SECONDS_MAX = 20;
const WAIT = /(?:^|[\s,])wait\s*=\s*"?(\d{1,6})"?(?=$|[\s,;])/i;

/** Milliseconds to hold at most, from the Prefer header as it came. */
export function holdMs(prefer: string | readonly string[] | undefined): number {
  const said = typeof prefer === 'string' ? prefer : (prefer ?? []).join(', ');
  const wanted = WAIT.exec(said)?.[1];
  return Math.min(HOLD_SECONDS_MAX, wanted === undefined ? HOLD_SECONDS_MAX : Number(wanted)) * 1_000;
}
