/** Keeps strangers from filling the trail: what nobody was authenticated for leaves one row a minute and source. */
import type { Ledger, RefusedAttempt } from '@sallyport/core';

const SAMPLED = new Set(['subject_token_rejected', 'client_rejected', 'handle_unknown']);
const WINDOW_MS = 60_000;
const SOURCES_MAX = 10_000;

/** The same ledger, with such attempts sampled by address and code. `nowMs` is a clock that never jumps. */
export function sampledNotes(ledger: Ledger, nowMs: () => number): Ledger {
  const noted = new Map<string, number>();
  return {
    ...ledger,
    note: async (attempt) => {
      const nobody = attempt.by.principal === undefined;
      if (nobody && SAMPLED.has(attempt.refusal.code) && !isFirst(noted, sourceOf(attempt), nowMs())) return;
      await ledger.note(attempt);
    },
  };
}

function sourceOf({ by, refusal }: RefusedAttempt): string {
  return `${refusal.code} ${by.address ?? ''} ${by.clientId ?? ''}`;
}

function isFirst(noted: Map<string, number>, source: string, now: number): boolean {
  const last = noted.get(source);
  if (last !== undefined && now - last < WINDOW_MS) return false;
  noted.delete(source);
  noted.set(source, now);
  const [oldest] = noted.keys();
  if (noted.size > SOURCES_MAX && oldest !== undefined) noted.delete(oldest);
  return true;
}
