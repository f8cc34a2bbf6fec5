/** Counts the requests a stand-in received, to prove how often somebody asked, or that nobody did. */

export interface RequestCounter {
  /** All requests, or those to one path. */
  count(path?: string): number;
  paths(): readonly string[];
  reset(): void;
}

/** A counter and its recorder. */
export function makeRequestCounter(): RequestCounter & { record(path: string): void } {
  const counts = new Map<string, number>();
  return {
    record: (path) => void counts.set(path, (counts.get(path) ?? 0) + 1),
    count: (path) => (path === undefined ? [...counts.values()].reduce((a, b) => a + b, 0) : (counts.get(path) ?? 0)),
    paths: () => [...counts.keys()],
    reset: () => counts.clear(),
  };
}
