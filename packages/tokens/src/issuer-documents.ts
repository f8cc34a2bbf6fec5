/** What an issuer publishes: its discovery document (OpenID Connect Discovery 1.0) and its keys (RFC 7517). */
import { err, type Issuer, ok, type Result } from '@sallyport/core';
import { withDeadline } from '@sallyport/platform';
import { z } from 'zod';
import { type FetchProblem, fetchJson } from './fetch-json.ts';
import type { UntrustedJwk } from './key-fit.ts';
import type { RequestDeps, Resolve } from './pinned-request.ts';

/** For the log only. */
export type KeysProblem = FetchProblem | 'discovery' | 'not_a_key_set';

const KEYS_MAX = 200;
const discoveryShape = z.looseObject({ issuer: z.string(), jwks_uri: z.string().max(2_000) });
const keySetShape = z.looseObject({ keys: z.array(z.unknown()).max(KEYS_MAX) });
const keyShape = z.looseObject({ kid: z.string().min(1).max(255), kty: z.string() });

/** A published key with a name. Members of it are looked at when it is picked. */
export type PublishedJwk = UntrustedJwk & { readonly kid: string };

export interface FetchKeysDeps {
  readonly resolve: Resolve;
  /** http and loopback addresses are fine (development). */
  readonly allowLoopback: boolean;
  /** For everything together: names, discovery, keys. */
  readonly timeoutMs: number;
}

/** Fetches an issuer's keys as they are now: from its `jwks_uri`, or the one its discovery document names. Never rejects. */
export async function fetchKeys(
  issuer: Issuer,
  { resolve, allowLoopback, timeoutMs }: FetchKeysDeps,
): Promise<Result<readonly PublishedJwk[], KeysProblem>> {
  const reach = { loopback: allowLoopback, private: issuer.allowPrivateAddress === true };
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    // The signal ends connections; a resolver that never answers it cannot.
    return await withDeadline(published(issuer, { resolve, reach, signal }), timeoutMs, 'an issuer');
  } catch {
    return err('unreachable');
  }
}

async function published(issuer: Issuer, deps: RequestDeps): Promise<Result<readonly PublishedJwk[], KeysProblem>> {
  const uri = issuer.jwksUri === undefined ? await discover(issuer, deps) : ok(issuer.jwksUri);
  if (!uri.ok) return uri;
  const document = await fetchJson(uri.value, deps);
  if (!document.ok) return document;
  const set = keySetShape.safeParse(document.value);
  if (!set.success) return err('not_a_key_set');
  return ok(set.data.keys.flatMap(readKey));
}

/** The document must be about exactly this issuer (section 4.3), or its keys would be somebody else's. */
async function discover(issuer: Issuer, deps: RequestDeps): Promise<Result<string, KeysProblem>> {
  const document = await fetchJson(`${issuer.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, deps);
  if (!document.ok) return document;
  const found = discoveryShape.safeParse(document.value);
  return found.success && found.data.issuer === issuer.issuer ? ok(found.data.jwks_uri) : err('discovery');
}

/** Keys without a name, and keys whose private half is published for all to see, are as if absent. */
function readKey(raw: unknown): readonly PublishedJwk[] {
  const key = keyShape.safeParse(raw);
  return key.success && !Object.hasOwn(key.data, 'd') && !Object.hasOwn(key.data, 'k') ? [key.data] : [];
}
