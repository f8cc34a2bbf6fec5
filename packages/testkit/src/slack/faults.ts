/** Owns planned failures of the Web API and of response URLs. */
import type { Fault } from './model.ts';

export interface Faults {
  add(fault: Fault): void;
  /** The fault that hits this call, counted as used; undefined: the call goes well. */
  take(method: string, channel: string | undefined): Fault | undefined;
  pending(): readonly Fault[];
  clear(): void;
}

/** Faults, used in the order they were added; each hits `times` calls (default 1). */
export function createFaults(): Faults {
  let planned: (Fault & { left: number })[] = [];
  return {
    add(fault) {
      planned.push({ ...fault, left: fault.times ?? 1 });
    },
    take(method, channel) {
      const hit = planned.find(
        (f) => (f.method === method || f.method === '*') && (f.channel === undefined || f.channel === channel),
      );
      if (!hit) return undefined;
      hit.left -= 1;
      planned = planned.filter((f) => f.left > 0);
      return hit;
    },
    pending: () => planned.map(({ left, ...fault }) => ({ ...fault, times: left })),
    clear() {
      planned = [];
    },
  };
}
