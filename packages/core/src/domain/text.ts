/** Foreign text: what can be stored and hashed the same everywhere. */

/** Whether a text is free of NUL (Postgres refuses it) and of lone surrogates (UTF-8 would change them, and every hash with them). */
export function isSoundText(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text);
}
