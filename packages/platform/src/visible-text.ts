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

/** What JSON leaves as it is, though nobody would see it, or it would cover something else. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]|(?<=\p{M}{4})\p{M}/gu;

/** JSON in one line in which whatever is hidden or piled up is escaped: the same value, safe to print on a terminal. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(UNPRINTABLE, escaped);
}

function escaped(text: string): string {
  return Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join(
    '',
  );
}
