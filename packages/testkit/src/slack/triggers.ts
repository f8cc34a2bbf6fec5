/** Owns trigger ids: 3 seconds, one use, one person. */
import { triggerId } from './ids.ts';

export interface Triggers {
  issue(user: string): string;
  /** The person it was issued for, or Slack's error code. Using it up is part of looking. */
  redeem(id: string): { ok: true; user: string } | { ok: false; error: string; detail: string };
  age(ms: number): void;
  clear(): void;
}

const KEPT_MAX = 1000;

/** Triggers by the given clock; `lifeMs` is Slack's 3 seconds unless a test says otherwise. */
export function createTriggers(now: () => number, lifeMs: number): Triggers {
  const issued = new Map<string, { user: string; at: number; used: boolean }>();
  return {
    issue(user) {
      const id = triggerId(now());
      issued.set(id, { user, at: now(), used: false });
      const oldest = issued.keys().next();
      if (issued.size > KEPT_MAX && !oldest.done) issued.delete(oldest.value);
      return id;
    },
    redeem(id) {
      const trigger = issued.get(id);
      if (!trigger) return { ok: false, error: 'invalid_trigger_id', detail: 'never issued' };
      const ageMs = now() - trigger.at;
      if (trigger.used) return { ok: false, error: 'exchanged_trigger_id', detail: `used before, ${ageMs} ms old` };
      if (ageMs > lifeMs) return { ok: false, error: 'expired_trigger_id', detail: `${ageMs} ms old` };
      trigger.used = true;
      return { ok: true, user: trigger.user };
    },
    age(ms) {
      for (const trigger of issued.values()) trigger.at -= ms;
    },
    clear() {
      issued.clear();
    },
  };
}
