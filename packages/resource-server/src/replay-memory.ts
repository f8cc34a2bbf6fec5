/** Remembers which proofs were used, within bounds: what it had to forget it refuses by age. */
import { createHash } from 'node:crypto';

export interface ReplayMemory {
  /** Whether this proof was never used before; using it is remembered. `iat` in seconds. */
  firstUse(proof: { readonly jkt: string; readonly jti: string; readonly iat: number }, nowMs: number): boolean;
  readonly size: number;
}

interface Used {
  readonly iat: number;
  readonly forgetAtMs: number;
}

/**
 * `usableMs`: how long after its `iat` a proof can be used at all. When `entriesMax` are remembered the oldest is
 * dropped, and from then on nothing made as early as it counts: a caller makes a new proof, and no replay passes.
 */
export function makeReplayMemory(usableMs: number, entriesMax: number): ReplayMemory {
  const used = new Map<string, Used>();
  let forgottenIat = Number.NEGATIVE_INFINITY;

  /** In the order of arrival: at the front is what came first. */
  function dropFrom(nowMs: number): void {
    for (const [key, { iat, forgetAtMs }] of used) {
      const isOver = forgetAtMs <= nowMs;
      if (!isOver && used.size < entriesMax) return;
      used.delete(key);
      if (!isOver) forgottenIat = Math.max(forgottenIat, iat);
    }
  }

  return {
    firstUse({ jkt, jti, iat }, nowMs) {
      // jti is the caller's text: hashed, so that what is remembered has one size.
      const key = createHash('sha256').update(`${jkt}.${jti}`).digest('base64url');
      if (used.has(key) || iat <= forgottenIat) return false;
      dropFrom(nowMs);
      used.set(key, { iat, forgetAtMs: iat * 1_000 + usableMs });
      return true;
    },
    get size() {
      return used.size;
    },
  };
}
