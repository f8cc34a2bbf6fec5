/** The revoked tokens and ended grants that can still matter, within bounds: what finds no room becomes a doubt, not a pass. */

/** Something that is over; `endsAt` (seconds since 1970): from when no token of it can be alive any more. */
export interface Ended {
  readonly what: 'token' | 'grant';
  readonly id: string;
  readonly endsAt: number;
}

export interface Revoked {
  add(ended: Ended, nowMs: number): void;
  has(token: { readonly jti: string; readonly grantId: string }): boolean;
  /** False while something that might matter found no room. */
  isComplete(nowMs: number): boolean;
  readonly size: number;
}

/** Remembered a little longer than it matters, so that a clock set back opens nothing. */
const FORGET_LATE_MS = 120_000;
const PRUNE_EVERY_MS = 60_000;
/** When there is no room it is looked for more often, but not at every event. */
const PRUNE_FULL_EVERY_MS = 1_000;

/** `tokenLifeMs`: no token is older than this, so nothing has to be remembered for longer. */
export function makeRevoked(entriesMax: number, tokenLifeMs: number): Revoked {
  const forgetAt = new Map<string, number>();
  let incompleteUntilMs = 0;
  let prunedAtMs = 0;

  function prune(nowMs: number): void {
    prunedAtMs = nowMs;
    for (const [key, at] of forgetAt) if (at <= nowMs) forgetAt.delete(key);
  }

  return {
    add(ended, nowMs) {
      const key = keyOf(ended.what, ended.id);
      const at = Math.min(ended.endsAt * 1_000, nowMs + tokenLifeMs) + FORGET_LATE_MS;
      if (at <= nowMs) return;
      if (nowMs - prunedAtMs > (forgetAt.size < entriesMax ? PRUNE_EVERY_MS : PRUNE_FULL_EVERY_MS)) prune(nowMs);
      if (forgetAt.size < entriesMax || forgetAt.has(key)) forgetAt.set(key, at);
      else incompleteUntilMs = Math.max(incompleteUntilMs, at);
    },
    has: ({ jti, grantId }) => forgetAt.has(keyOf('token', jti)) || forgetAt.has(keyOf('grant', grantId)),
    isComplete: (nowMs) => nowMs >= incompleteUntilMs,
    get size() {
      return forgetAt.size;
    },
  };
}

function keyOf(what: Ended['what'], id: string): string {
  return `${what} ${id}`;
}
