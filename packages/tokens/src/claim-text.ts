/** A text of a claim: short, and none that could break a log line or a row. */

const TEXT_LENGTH_MAX = 255;

/** Whether a value is a text of 1 to 255 characters without control characters and lone surrogates. */
export function isClaimText(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= TEXT_LENGTH_MAX &&
    !/[\p{Cc}\p{Surrogate}]/u.test(value)
  );
}
