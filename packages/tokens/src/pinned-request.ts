/** One request to an issuer: to an address that was checked, over a connection of its own, bounded in size. */
import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { err, ok, type Result } from '@sallyport/core';
import { isLoopbackAddress, isWithinReach, type Reach } from './public-address.ts';

/** All addresses of a host name; an address is its own. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

export interface RequestDeps {
  readonly resolve: Resolve;
  /** With loopback, http is fine as well (development). */
  readonly reach: Reach;
  /** Ends everything that is still going on. */
  readonly signal: AbortSignal;
}

export interface Outgoing {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export const DOCUMENT_BYTES_MAX = 256 * 1_024;
const HEADER_BYTES_MAX = 16 * 1_024;

/** The system's resolver. */
export const resolveBySystem: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address }) => address);

/** Sends a request, or says why it may not be sent. Redirects are an answer like any other. Rejects when nobody answers. */
export async function pinnedRequest(
  url: string,
  outgoing: Outgoing,
  deps: RequestDeps,
): Promise<Result<IncomingMessage, 'insecure_url' | 'address'>> {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target === undefined || !isSecure(target, deps.reach)) return err('insecure_url');
  const addresses = await deps.resolve(target.hostname.replace(/^\[|\]$/g, ''));
  if (!areFine(addresses, target, deps.reach)) return err('address');
  return ok(await send(target, addresses, outgoing, deps.signal));
}

function isSecure({ protocol, username, password }: URL, { loopback }: Reach): boolean {
  return (protocol === 'https:' || (loopback && protocol === 'http:')) && username === '' && password === '';
}

/** Every address must be fine: a name that is half ours is not to be trusted with the other half. http never leaves this machine. */
function areFine(addresses: readonly string[], { protocol }: URL, reach: Reach): boolean {
  const isFine = (address: string) =>
    protocol === 'https:' ? isWithinReach(address, reach) : reach.loopback && isLoopbackAddress(address);
  return addresses.length > 0 && addresses.every(isFine);
}

/**
 * One connection for one request, to the addresses that were checked: no second look-up, which a hostile name server
 * could answer differently, and no kept connection. TLS still proves the name.
 */
function send(
  target: URL,
  addresses: readonly string[],
  { method, headers, body }: Outgoing,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    request(target, {
      method,
      agent: false,
      lookup: pinned(addresses),
      signal,
      maxHeaderSize: HEADER_BYTES_MAX,
      headers: { ...headers, 'accept-encoding': 'identity', 'user-agent': 'sallyport' },
    })
      .on('response', resolve)
      .on('error', reject)
      .end(body);
  });
}

/** A look-up that only knows these addresses. */
function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, { all: wantsAll }, done) => {
    if (wantsAll) done(null, all);
    else done(null, all[0]?.address ?? '', all[0]?.family);
  };
}

/** A body as text; undefined when it is larger than any document of an issuer. Leaving the loop early ends the connection. */
export async function readBounded(response: AsyncIterable<Buffer>): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > DOCUMENT_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
}
