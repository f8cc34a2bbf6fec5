/** Result<T, E>: a value or an expected no. A fault is never one of these: it is thrown. */

export type Ok<T> = { readonly ok: true; readonly value: T };
export type Err<E> = { readonly ok: false; readonly error: E };
export type Result<T, E> = Ok<T> | Err<E>;

/** Wraps a value as success. */
export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

/** Wraps a refusal as failure. */
export function err<E>(error: E): Err<E> {
  return { ok: false, error };
}

/** Ends a `switch` over a closed union: a new member does not compile until it is handled. */
export function impossible(value: never): never {
  throw new Error(`unreachable case: ${JSON.stringify(value)}`);
}
