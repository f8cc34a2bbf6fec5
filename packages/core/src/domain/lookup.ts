/** Finding some of many by a key: an index per list, made at the first question. The lists of a policy never change. */

/** All of a list that have a key, in the list's order. `keyOf` undefined: found by no key. */
export function allBy<T>(keyOf: (one: T) => string | undefined): (list: readonly T[], key: string) => readonly T[] {
  const indexes = new WeakMap<readonly T[], ReadonlyMap<string, readonly T[]>>();
  return (list, key) => {
    const index = indexes.get(list) ?? grouped(list, keyOf);
    indexes.set(list, index);
    return index.get(key) ?? [];
  };
}

/** The first of a list that has a key. */
export function firstBy<T>(keyOf: (one: T) => string): (list: readonly T[], key: string) => T | undefined {
  const all = allBy(keyOf);
  return (list, key) => all(list, key)[0];
}

function grouped<T>(list: readonly T[], keyOf: (one: T) => string | undefined): ReadonlyMap<string, readonly T[]> {
  const index = new Map<string, T[]>();
  for (const one of list) {
    const key = keyOf(one);
    if (key === undefined) continue;
    const others = index.get(key);
    if (others === undefined) index.set(key, [one]);
    else others.push(one);
  }
  return index;
}
