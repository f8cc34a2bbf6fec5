/** Owns how the model complains: one sentence that begins with the invariant. */

/** Throws with the sentence unless it holds. */
export function expectThat(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}
