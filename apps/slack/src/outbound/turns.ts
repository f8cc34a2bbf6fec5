/** Owns whose turn it is in a channel that takes one message a second: first come, first served, nobody asks before their turn. */
import type { SlackMessages } from './stores.ts';

export interface Turns {
  /** Takes the channel's next second for this message: 0, or the milliseconds until it is its turn. */
  take(channel: string, key: string): Promise<number>;
}

export interface TurnsOptions {
  /** Milliseconds between two messages of a channel. */
  readonly slotMs?: number;
  readonly monotonicMs?: () => number;
}

/** As the store gives them. */
const SLOT_MS = 1_100;
/** Who does not come when it is their turn has nothing to say any more. */
const MISSED_MS = 10_000;
const CHANNELS_MAX = 5_000;

/**
 * Keeps the order in this process; the second itself is given by the store, to one of all processes. Without the order
 * many that wait for one channel would all ask each second, and one of them get it.
 */
export function makeTurns(
  messages: Pick<SlackMessages, 'slot'>,
  { slotMs = SLOT_MS, monotonicMs = () => performance.now() }: TurnsOptions = {},
): Turns {
  /** By channel, in order: the key, and when it is its turn. */
  const channels = new Map<string, Map<string, number>>();

  function waitingIn(channel: string): Map<string, number> {
    const known = channels.get(channel);
    if (known !== undefined) {
      for (const [key, at] of known) if (at + MISSED_MS < monotonicMs()) known.delete(key);
      return known;
    }
    if (channels.size >= CHANNELS_MAX) channels.clear();
    const made = new Map<string, number>();
    channels.set(channel, made);
    return made;
  }

  return {
    async take(channel, key) {
      const waiting = waitingIn(channel);
      const now = monotonicMs();
      const turn = waiting.get(key) ?? (waiting.size === 0 ? now : Math.max(now, ...waiting.values()) + slotMs);
      waiting.set(key, turn);
      if (turn > now) return Math.ceil(turn - now);
      const wait = await messages.slot(channel);
      if (wait === 0) waiting.delete(key);
      else pushBack(waiting, key, monotonicMs() + wait, slotMs);
      return wait;
    },
  };
}

/** The turn of this one comes later than thought, and so do those of all behind it. */
function pushBack(waiting: Map<string, number>, key: string, at: number, slotMs: number): void {
  let free = at;
  let behind = false;
  for (const [other, turn] of waiting) {
    behind ||= other === key;
    if (!behind) continue;
    const moved = Math.max(turn, free);
    waiting.set(other, moved);
    free = moved + slotMs;
  }
}
