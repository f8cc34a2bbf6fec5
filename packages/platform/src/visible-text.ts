/** Owns what in a text hides, bends or covers other text, and taking it out: for whatever is shown to people, wherever. */

/**
 * Control and format characters (escape sequences, reading direction, zero width, tags), everything that is drawn as nothing
 * (fillers, joiners, variation selectors), and the blank Braille pattern. A line break and a tab stay.
 */
const HIDDEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** No script stacks more marks than this on one letter; a pile of them covers the lines above. */
const PILED = /(\p{M}{4})\p{M}+/gu;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** The text without what nobody would see and what would cover something else. Halves of characters become U+FFFD. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, '').replace(PILED, '$1').replace(LONE_SURROGATE, '\ufffd');
}

/** JSON in which whatever is hidden is escaped: the same value, safe to print on a terminal. */
export function printableJson(value: unknown, space?: number): string {
  return JSON.stringify(value, null, space).replace(
    /(?!\n)[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]/gu,
    (hidden) =>
      Array.from(
        { length: hidden.length },
        (_, at) => `\\u${hidden.charCodeAt(at).toString(16).padStart(4, '0')}`,
      ).join(''),
  );
}
