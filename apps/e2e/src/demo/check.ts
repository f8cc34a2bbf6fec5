/** A claim of the demo: it holds, or the demo ends there and says what was found. */
export class DemoBroken extends Error {}

/** Throws DemoBroken unless `holds`. */
export function claim(holds: boolean, what: string, found?: unknown): asserts holds {
  if (!holds) throw new DemoBroken(`${what}${found === undefined ? '' : `; found ${JSON.stringify(found)}`}`);
}
