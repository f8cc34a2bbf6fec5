/** Owns the memory of rows already checked: the same stored text is the same value, and its MACs were compared before. */
import { makeRecent } from '@sallyport/platform';

const TEXT_LENGTH_MAX = 16_384;

/**
 * Gives a reader of row text a memory of at least its last `max` texts. Every read still comes from the server, whole: a row
 * that changed by one character is another text, and is parsed, checked against its MACs and asserted anew. What is kept
 * is frozen, for it is shared. Throws what `read` throws, and remembers nothing then.
 */
export function checkedOnce<T>(max: number, read: (text: string) => T): (text: string) => T {
  const recent = makeRecent<T>(max);
  return (text) => {
    const known = recent.get(text);
    if (known !== undefined) return known;
    const value = frozen(read(text));
    if (text.length <= TEXT_LENGTH_MAX) recent.keep(text, value);
    return value;
  };
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
