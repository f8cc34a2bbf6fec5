/** What the issuer publishes: its metadata (RFC 8414) and its keys (RFC 7517), fetched together. */
import { createLocalJWKSet, type JSONWebKeySet, type LocalJWKSet } from 'jose';
import { askJson, HttpProblem, isPrivateUrl, membersOf } from './http.ts';

export interface IssuerDocuments {
  readonly keys: LocalJWKSet;
  readonly introspectionEndpoint: string | undefined;
}

const FETCH_TIMEOUT_MS = 5_000;
const DOCUMENT_BYTES_MAX = 256 * 1_024;
const KEYS_MAX = 200;

/**
 * Fetches both as they are now. Endpoints on another origin than the issuer's are as if absent: our issuer has none.
 * @throws HttpProblem when one cannot be had, is about another issuer, or holds no key set
 */
export async function fetchIssuerDocuments(
  issuer: string,
  fetchLike: typeof fetch,
  signal: AbortSignal,
): Promise<IssuerDocuments> {
  const asking = { timeoutMs: FETCH_TIMEOUT_MS, bodyBytesMax: DOCUMENT_BYTES_MAX, signal };
  const metadata = membersOf(await askJson(fetchLike, metadataUrl(issuer), asking));
  if (metadata?.issuer !== issuer) throw new HttpProblem('the metadata is about another issuer', 200);
  const jwksUri = endpointOf(issuer, metadata.jwks_uri);
  if (jwksUri === undefined) throw new HttpProblem('the metadata names no keys of this issuer', 200);
  return {
    keys: keysIn(await askJson(fetchLike, jwksUri, asking)),
    introspectionEndpoint: endpointOf(issuer, metadata.introspection_endpoint),
  };
}

/** Whether a URL is of the issuer itself, and of nobody whose name begins alike. */
export function isUnderIssuer(issuer: string, url: string): boolean {
  return isPrivateUrl(url) && new URL(url).href === url && new URL(url).origin === new URL(issuer).origin;
}

/** RFC 8414 section 3.1: the well-known part stands before the issuer's path. */
function metadataUrl(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`;
}

function endpointOf(issuer: string, url: unknown): string | undefined {
  return typeof url === 'string' && isUnderIssuer(issuer, url) ? url : undefined;
}

function keysIn(document: unknown): LocalJWKSet {
  if (!isKeySet(document)) throw new HttpProblem('not a key set', 200);
  return createLocalJWKSet(document);
}

function isKeySet(document: unknown): document is JSONWebKeySet {
  const keys = membersOf(document)?.keys;
  return Array.isArray(keys) && keys.length <= KEYS_MAX && keys.every((key) => membersOf(key) !== undefined);
}
