/** Which workloads are worth comparing with some claims: found by one telling claim each, so that thousands cost as little as ten. */
import type { Json, JsonObject } from './json.ts';
import type { WorkloadEntry } from './policy.ts';

interface Index {
  /** Names of the claims somebody is found by. */
  readonly names: readonly string[];
  readonly byClaim: ReadonlyMap<string, readonly WorkloadEntry[]>;
  /** Those without a plain value to be found by. */
  readonly others: readonly WorkloadEntry[];
}

const indexes = new WeakMap<readonly WorkloadEntry[], Index>();

/** A superset of the entries whose `match` these claims meet: each still has to be compared. */
export function workloadCandidates(entries: readonly WorkloadEntry[], claims: JsonObject): readonly WorkloadEntry[] {
  const index = indexes.get(entries) ?? makeIndex(entries);
  indexes.set(entries, index);
  const found = index.names.flatMap((name) => {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    return isPlain(value) ? (index.byClaim.get(claimKey(name, value)) ?? []) : [];
  });
  return [...found, ...index.others];
}

function makeIndex(entries: readonly WorkloadEntry[]): Index {
  const shared = countClaims(entries);
  const names = new Set<string>();
  const byClaim = new Map<string, WorkloadEntry[]>();
  const others: WorkloadEntry[] = [];
  for (const entry of entries) {
    const [telling] = plainClaims(entry.match).sort((a, b) => (shared.get(a.key) ?? 0) - (shared.get(b.key) ?? 0));
    if (telling === undefined) {
      others.push(entry);
      continue;
    }
    names.add(telling.name);
    byClaim.set(telling.key, [...(byClaim.get(telling.key) ?? []), entry]);
  }
  return { names: [...names], byClaim, others };
}

/** How many entries want the same claim: the rarer, the more it tells. */
function countClaims(entries: readonly WorkloadEntry[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { match } of entries)
    for (const { key } of plainClaims(match)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function plainClaims(match: JsonObject): { readonly name: string; readonly key: string }[] {
  return Object.entries(match).flatMap(([name, value]) =>
    isPlain(value) ? [{ name, key: claimKey(name, value) }] : [],
  );
}

/** The text and the number that look alike have different keys. */
function claimKey(name: string, value: string | number | boolean): string {
  return JSON.stringify([name, value]);
}

function isPlain(value: Json | undefined): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
