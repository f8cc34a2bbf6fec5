/** The form body of the OAuth endpoints, read strictly: what a lenient parser would guess is refused. */
import { isUtf8 } from 'node:buffer';
import { err, ok, type Refusal, type Result } from '@sallyport/core';

/** Parameter name -> its values. Absent and empty are the same (RFC 6749 section 3.1). */
export type Form = ReadonlyMap<string, readonly string[]>;

/** RFC 8707 and RFC 8693 let these two repeat; nothing else may. */
const REPEATABLE = new Set(['audience', 'resource']);
const PARAMETERS_MAX = 50;
const FORM = /^application\/x-www-form-urlencoded(?:\s*;.*)?$/i;

/** Parses a form body (RFC 6749 appendix B). Refusal: malformed: media type, encoding, NUL, a repeated name, too many. */
export function parseForm(contentType: string | undefined, body: unknown): Result<Form, Refusal> {
  if (contentType === undefined || !FORM.test(contentType))
    return malformed('the body must be application/x-www-form-urlencoded');
  const text = decodeUtf8(body);
  if (text === undefined) return malformed('the body is not UTF-8');
  const pairs = text.split('&').filter((pair) => pair !== '');
  if (pairs.length > PARAMETERS_MAX) return malformed('too many parameters');
  const form = new Map<string, string[]>();
  for (const pair of pairs) {
    const [name, value] = splitPair(pair);
    if (name === undefined || value === undefined) return malformed('the body is not well-formed form encoding');
    const values = form.get(name);
    if (values === undefined) form.set(name, [value]);
    else if (REPEATABLE.has(name)) values.push(value);
    else return malformed('a parameter is repeated');
  }
  for (const [name, values] of form) if (values.includes('')) form.set(name, withoutEmpty(values));
  return ok(form);
}

function withoutEmpty(values: readonly string[]): string[] {
  return values.filter((value) => value !== '');
}

/** The one value of a parameter, or undefined when absent or empty. */
export function param(form: Form, name: string): string | undefined {
  return form.get(name)?.[0];
}

/** Decodes application/x-www-form-urlencoded text: `+` is a space. Undefined when ill-encoded or with a NUL. */
export function decodeFormText(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  try {
    const decoded = spaced.includes('%') ? decodeURIComponent(spaced) : spaced;
    return decoded.includes('\0') ? undefined : decoded;
  } catch {
    return undefined;
  }
}

function splitPair(pair: string): readonly [string | undefined, string | undefined] {
  const at = pair.indexOf('=');
  const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  return [decodeFormText(name), decodeFormText(value)];
}

function decodeUtf8(body: unknown): string | undefined {
  if (body === undefined || body === null) return '';
  return Buffer.isBuffer(body) && isUtf8(body) ? body.toString('utf8') : undefined;
}

function malformed(what: string): Result<never, Refusal> {
  return err({ code: 'malformed', what });
}
