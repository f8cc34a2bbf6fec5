/** Owns a bounded memory by key: what was asked for lately is known, what was not is forgotten. */

/** Remembers at least the last `max` keys kept or asked for, and never more than twice as many. */
export interface Recent<T> {
  get(key: string): T | undefined;
  keep(key: string, value: T): void;
}

/** Two generations instead of a list in order: a look costs one or two look-ups, and forgetting costs nothing. */
export function makeRecent<T>(max: number): Recent<T> {
  let younger = new Map<string, T>();
  let older = new Map<string, T>();

  function keep(key: string, value: T): void {
    if (younger.size >= max) {
      older = younger;
      younger = new Map();
    }
    younger.set(key, value);
  }

  return {
    keep,
    get(key) {
      const known = younger.get(key);
      if (known !== undefined) return known;
      const before = older.get(key);
      if (before !== undefined) keep(key, before);
      return before;
    },
  };
}
