/** Waiting for a condition, with a bound. */

const EVERY_MS = 50;

/** Asks until `holds` answers something but false or undefined, and gives that. Throws after `ms`, with what `more` says. */
export async function until<T>(
  what: string,
  ms: number,
  holds: () => Promise<T> | T,
  more: () => string = () => '',
): Promise<NonNullable<Exclude<T, false>>> {
  const end = performance.now() + ms;
  for (;;) {
    const found = await holds();
    if (found !== false && found !== undefined && found !== null) return found as NonNullable<Exclude<T, false>>;
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}\n${more()}`);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
