/** Owns Secret<T>: a value that never shows itself in text, JSON or a debugger's print. */
import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/** A wrapped secret. Every string form of it is `[redacted]`; only `reveal()` gives the value, so uses can be searched for. */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. Call it where the value is used, never to store or print it. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.toPrimitive](): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

/** Wraps a value as a Secret. */
export function secret<T>(value: T): Secret<T> {
  return new Secret(value);
}
