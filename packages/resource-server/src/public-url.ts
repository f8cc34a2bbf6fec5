/** Which URL a caller addressed, by configuration and never by what the call says about its host; and whether two are one. */
import type { IncomingCall } from './credentials.ts';

/**
 * Where callers reach this service: an origin (`https://api.example.com`), with the path a proxy cuts off, if it does;
 * or a function that answers the whole URL of a call. A function that believes `Host` lets callers choose the answer.
 */
export type PublicUrl = string | ((call: IncomingCall) => string);

/** The URL a call was sent to; undefined when it cannot be told. */
export function urlOf(publicUrl: PublicUrl, call: IncomingCall): string | undefined {
  if (typeof publicUrl === 'function') return publicUrl(call);
  const target = call.originalUrl ?? call.url ?? '';
  return target.startsWith('/') ? `${publicUrl.replace(/\/+$/, '')}${target}` : undefined;
}

/**
 * A URL as `htu` compares it (RFC 9449 section 4.3): without query and fragment, scheme and host in lower case, no
 * default port, percent-encoding in one spelling (RFC 3986 section 6.2.2). Undefined when it is not http(s).
 */
export function comparableUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, origin, pathname, username, password } = new URL(text);
  if (!/^https?:$/.test(protocol) || username !== '' || password !== '') return undefined;
  return origin + pathname.replaceAll(/%[0-9A-Fa-f]{2}/g, oneSpelling);
}

const UNRESERVED = /[A-Za-z0-9\-._~]/;

function oneSpelling(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return UNRESERVED.test(character) ? character : encoded.toUpperCase();
}
