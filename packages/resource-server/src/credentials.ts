/** What a call shows: an access token under one of two schemes, and perhaps a proof of possession. */

/** A request as Node, Fastify and Express hold it; any other framework's has these too. */
export interface IncomingCall {
  readonly method?: string | undefined;
  /** Path and query as they came. */
  readonly url?: string | undefined;
  /** Express and Fastify: the same before a router cut it. */
  readonly originalUrl?: string | undefined;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Names and values in turn. Node keeps only the first of two `Authorization` fields in `headers`, but both here. */
  readonly rawHeaders?: readonly string[] | undefined;
}

export type Scheme = 'Bearer' | 'DPoP';

export type Credentials =
  | { readonly kind: 'token'; readonly scheme: Scheme; readonly token: string; readonly proofs: readonly string[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed'; readonly scheme: Scheme | undefined };

const AUTHORIZATION = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?: +([^\s].*))?$/;
/** RFC 6750 section 2.1. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** Reads the two headers (RFC 6750 section 2.1, RFC 9449 section 7.1). Tokens in bodies and queries are not looked for. */
export function credentialsOf(call: IncomingCall): Credentials {
  const [authorization, ...more] = fieldsOf(call, 'authorization');
  if (authorization === undefined) return { kind: 'none' };
  const [, name = '', token = ''] = AUTHORIZATION.exec(authorization) ?? [];
  const scheme = schemeOf(name);
  if (more.length > 0) return { kind: 'malformed', scheme };
  if (scheme === undefined) return { kind: 'none' };
  if (!TOKEN.test(token)) return { kind: 'malformed', scheme };
  return { kind: 'token', scheme, token, proofs: fieldsOf(call, 'dpop') };
}

function schemeOf(name: string): Scheme | undefined {
  const lower = name.toLowerCase();
  if (lower === 'bearer') return 'Bearer';
  return lower === 'dpop' ? 'DPoP' : undefined;
}

/** Every value a header came with. */
function fieldsOf({ headers, rawHeaders }: IncomingCall, name: string): readonly string[] {
  const raw = (rawHeaders ?? []).filter((_, at, all) => at % 2 === 1 && all[at - 1]?.toLowerCase() === name);
  if (raw.length > 0) return raw;
  const value = headers[name];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
