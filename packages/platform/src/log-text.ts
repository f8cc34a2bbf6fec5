/** Owns how text gets into a log line: control characters escaped, length bounded, shapes of secrets masked. */

/** C0, DEL, C1, line and paragraph separators, bidi marks: what could forge a line or turn a terminal round. */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Halves of characters, which are no valid UTF-8. */
const loneSurrogates = /\p{Surrogate}/gu;

/**
 * Shapes a secret has even in the message of a foreign library. The allow-list is the guard; this is the net below it,
 * for messages of errors only contain what libraries put there.
 */
const secretShapes: readonly (readonly [RegExp, string])[] = [
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)*/g, '[token]'],
  [/\bx(?:ox[a-z]|app)-[\w-]+/g, '[token]'],
  [/\b(bearer|basic|dpop)\s+[\w~+/.=-]{8,}/gi, '$1 [redacted]'],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1'],
  [/-----BEGIN [A-Z ]+-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/g, '[pem]'],
  [
    /\b(password|passwd|secret|token|authorization|client_secret|assertion)(["']?\s*[=:]\s*["']?)[^\s"',;&]+/gi,
    '$1$2[redacted]',
  ],
];

/** Nothing to escape, and no beginning of any shape above: what nearly every field of nearly every line is. */
const plain = /^[\x20-\x7e]*$/;
const suspicious = /eyJ|xox|xapp|bearer|basic|dpop|:\/\/|-----|pass|secret|token|authorization|assertion/i;

/** One safe piece of text of at most so many characters; cut text ends in an ellipsis. */
export function logText(text: string, charactersMax: number): string {
  if (text.length <= charactersMax && plain.test(text) && !suspicious.test(text)) return text;
  // Masking looks at little more than will be shown, so that huge input costs little.
  const near = text.slice(0, charactersMax * 4);
  const masked = secretShapes.reduce((seen, [shape, instead]) => seen.replace(shape, instead), near);
  const escaped = masked.replace(unprintable, escapeCharacter).replace(loneSurrogates, '\ufffd');
  return escaped.length <= charactersMax
    ? escaped
    : `${escaped.slice(0, charactersMax - 1).replace(loneSurrogates, '')}…`;
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
