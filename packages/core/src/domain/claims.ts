/** Claims: where one stands in a token, and whether a token has those a policy wants. */
import { isJsonObject, type Json, type JsonObject } from './json.ts';

/** Where a claim stands: names from the outside in. One name, but for nested claims such as those of Kubernetes. */
export type ClaimPath = readonly [string, ...string[]];

/** As people write it: `repository_id`, `kubernetes.io › pod`. Names may have dots in them. */
export function claimText(path: ClaimPath): string {
  return path.join(' › ');
}

/** What stands at this place, undefined if nothing does. Inherited names are not claims. */
export function claimAt(claims: JsonObject, path: ClaimPath): Json | undefined {
  return path.reduce<Json | undefined>(
    (found, name) =>
      found !== undefined && isJsonObject(found) && Object.hasOwn(found, name) ? found[name] : undefined,
    claims,
  );
}

/** Whether every member of `match` equals the claim of that name: whole values of equal type, nested maps member by member. */
export function matches(match: JsonObject, claims: JsonObject): boolean {
  const wanted = Object.entries(match);
  return (
    wanted.length > 0 &&
    wanted.every(([name, value]) => Object.hasOwn(claims, name) && matchesValue(value, claims[name]))
  );
}

function matchesValue(wanted: Json, found: Json | undefined): boolean {
  if (isJsonObject(wanted)) return isJsonObject(found) && matches(wanted, found);
  return typeof wanted === typeof found && wanted === found;
}
