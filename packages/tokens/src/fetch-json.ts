/** Fetches a JSON document from an issuer: to a public address, without redirects, bounded in time and size. */
import { lookup } from 'node:dns/promises';
import { err, type Json, ok, type Result } from '@sallyport/core';
import { withDeadline } from '@sallyport/platform';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';
import { parseStrictJson } from './strict-json.ts';

/** For the log only. */
export type FetchProblem = 'insecure_url' | 'address' | 'unreachable' | 'status' | 'too_large' | 'not_json';

/** All addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

export interface FetchJsonDeps {
  readonly fetch: typeof fetch;
  readonly resolve: Resolve;
  /** http and loopback addresses are fine (development). */
  readonly allowLoopback: boolean;
  readonly timeoutMs: number;
}

export const DOCUMENT_BYTES_MAX = 256 * 1_024;

/** The system's resolver. */
export const resolveBySystem: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address }) => address);

/** GETs a document. Whatever goes wrong is a value: an issuer that is down is no bug of ours. */
export async function fetchJson(url: string, deps: FetchJsonDeps): Promise<Result<Json, FetchProblem>> {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target === undefined || !isSecure(target, deps.allowLoopback)) return err('insecure_url');
  try {
    return await withDeadline(get(target, deps), deps.timeoutMs, 'an issuer');
  } catch {
    return err('unreachable');
  }
}

async function get(target: URL, deps: FetchJsonDeps): Promise<Result<Json, FetchProblem>> {
  if (!(await isReachable(target, deps))) return err('address');
  const signal = AbortSignal.timeout(deps.timeoutMs);
  const response = await deps.fetch(target, { redirect: 'error', signal, headers: { accept: 'application/json' } });
  const body = response.status === 200 ? await readBounded(response) : undefined;
  if (response.status !== 200) {
    await response.body?.cancel();
    return err('status');
  }
  if (body === undefined) return err('too_large');
  const document = parseStrictJson(body);
  return document === undefined ? err('not_json') : ok(document);
}

function isSecure({ protocol, username, password }: URL, allowLoopback: boolean): boolean {
  return (protocol === 'https:' || (allowLoopback && protocol === 'http:')) && username === '' && password === '';
}

/** Every address must be fine: which one is connected to is not ours to choose. http never leaves this machine. */
async function isReachable({ hostname, protocol }: URL, deps: FetchJsonDeps): Promise<boolean> {
  const addresses = await deps.resolve(hostname.replace(/^\[|\]$/g, ''));
  const fine = (address: string) =>
    (deps.allowLoopback && isLoopbackAddress(address)) || (protocol === 'https:' && isPublicAddress(address));
  return addresses.length > 0 && addresses.every(fine);
}

async function readBounded(response: Response): Promise<string | undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > DOCUMENT_BYTES_MAX) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
