/** What a resource server is told, checked once: every problem at once, or settings without a question left. */
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { isPrivateUrl } from './http.ts';
import { comparableUrl, type PublicUrl } from './public-url.ts';

export interface ResourceServerOptions {
  /** The issuer identifier of the Sallyport, to the letter. https, or http on loopback. */
  readonly issuer: string;
  /** The `audience` of this resource in its policy: the only `aud` accepted. */
  readonly audience: string;
  /** Where callers reach this service. DPoP proofs are compared with it, never with `Host`. */
  readonly publicUrl: PublicUrl;
  /** The client this service is to the issuer, for introspection and the feed: one whose `introspect` names the resource. */
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  /** `on-doubt`: when feed or status list cannot tell. Default: that, with a client; else `never`. */
  readonly introspection?: 'never' | 'always' | 'on-doubt' | undefined;
  /** Default: `feed` with a client, else `none`: a revoked token then holds until it expires. */
  readonly revocations?: 'feed' | 'status-list' | 'none' | undefined;
  /** When nobody can say whether a token was revoked, and introspection is `never`. Default: `closed`, 503. */
  readonly whenInDoubt?: 'closed' | 'open' | undefined;
  /** How old the feed may be before it is doubted. Default 30; at least 20, for the issuer is heard every 15 s. */
  readonly maxFeedAgeSeconds?: number | undefined;
  /** Default `optional`: a bound token needs its proof, any other is a bearer token. */
  readonly dpop?: 'optional' | 'required' | undefined;
  /** How old a proof may be. Default 60, at most 300. */
  readonly maxProofAgeSeconds?: number | undefined;
  /** For "not yet" only (`iat`, `nbf`); a token's end is its end. Default 5, at most 60. */
  readonly clockToleranceSeconds?: number | undefined;
  /** How long the issuer's keys are believed while it cannot be reached. Default 3600: no token lives longer. */
  readonly maxKeyAgeSeconds?: number | undefined;
  /** For one introspection. Default 2000. */
  readonly introspectionTimeoutMs?: number | undefined;
  /** Where the RFC 9728 metadata of this resource is. Default: at the audience, if callers reach this service there. */
  readonly metadataUrl?: string | undefined;
  /** Default: Node's own. */
  readonly fetch?: typeof fetch | undefined;
  /** For tests. */
  readonly clock?: Clock | undefined;
}

export interface Settings {
  readonly issuer: string;
  readonly audience: string;
  readonly publicUrl: PublicUrl;
  readonly client: { readonly id: string; readonly secret: string } | undefined;
  readonly introspection: 'never' | 'always' | 'on-doubt';
  readonly revocations: 'feed' | 'status-list' | 'none';
  readonly whenInDoubt: 'closed' | 'open';
  readonly feedAgeMsMax: number;
  readonly dpop: 'optional' | 'required';
  readonly proofAgeSecondsMax: number;
  readonly clockToleranceSeconds: number;
  readonly keyAgeMsMax: number;
  readonly introspectionTimeoutMs: number;
  readonly metadataUrl: string | undefined;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/** Can stand in a quoted string of a challenge as it is. */
const QUOTABLE = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** @throws TypeError that lists every problem */
export function settingsFrom(options: ResourceServerOptions): Settings {
  const problems = problemsOf(options);
  if (problems.length > 0) throw new TypeError(`createResourceServer: ${problems.join('; ')}`);
  const { clientId, clientSecret } = options;
  const client =
    clientId === undefined || clientSecret === undefined ? undefined : { id: clientId, secret: clientSecret };
  return {
    issuer: options.issuer,
    audience: options.audience,
    publicUrl: options.publicUrl,
    client,
    introspection: options.introspection ?? (client === undefined ? 'never' : 'on-doubt'),
    revocations: options.revocations ?? (client === undefined ? 'none' : 'feed'),
    whenInDoubt: options.whenInDoubt ?? 'closed',
    feedAgeMsMax: (options.maxFeedAgeSeconds ?? 30) * 1_000,
    dpop: options.dpop ?? 'optional',
    proofAgeSecondsMax: options.maxProofAgeSeconds ?? 60,
    clockToleranceSeconds: options.clockToleranceSeconds ?? 5,
    keyAgeMsMax: (options.maxKeyAgeSeconds ?? 3_600) * 1_000,
    introspectionTimeoutMs: options.introspectionTimeoutMs ?? 2_000,
    metadataUrl: options.metadataUrl ?? metadataUrlOf(options.audience, options.publicUrl),
    fetch: options.fetch ?? fetch,
    clock: options.clock ?? systemClock,
  };
}

/**
 * RFC 9728 section 3.1: between the host and the path of the resource's identifier. Undefined when that is no web
 * address, or one that callers of this service do not use.
 */
export function metadataUrlOf(audience: string, publicUrl: PublicUrl): string | undefined {
  if (typeof publicUrl === 'function' || !isPrivateUrl(audience)) return undefined;
  const { origin, pathname, search } = new URL(audience);
  if (origin !== new URL(publicUrl).origin) return undefined;
  return `${origin}/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}${search}`;
}

function problemsOf(options: ResourceServerOptions): readonly string[] {
  const { issuer, audience, publicUrl, metadataUrl, clientId, clientSecret, introspection, revocations } = options;
  const hasClient = clientId !== undefined && clientSecret !== undefined;
  const asksAsClient = introspection === 'always' || introspection === 'on-doubt' || revocations === 'feed';
  const rules: readonly (readonly [boolean, string])[] = [
    [isPrivateUrl(issuer), 'issuer must be an https URL, or http on loopback'],
    [QUOTABLE.test(audience), 'audience must be text without spaces, quotes or backslashes'],
    [typeof publicUrl === 'function' || isPublicUrl(publicUrl), 'publicUrl must be an http(s) URL without a query'],
    [
      metadataUrl === undefined || (QUOTABLE.test(metadataUrl) && URL.canParse(metadataUrl)),
      'metadataUrl must be a URL',
    ],
    [(clientId === undefined) === (clientSecret === undefined), 'clientId and clientSecret go together'],
    [hasClient || !asksAsClient, 'introspection and the feed need clientId and clientSecret'],
    [
      introspection !== 'on-doubt' || revocations !== 'none',
      'introspection on-doubt needs something that can be in doubt',
    ],
    [within(options.maxFeedAgeSeconds, 20, 3_600), 'maxFeedAgeSeconds must be 20 to 3600'],
    [within(options.maxProofAgeSeconds, 1, 300), 'maxProofAgeSeconds must be 1 to 300'],
    [within(options.clockToleranceSeconds, 0, 60), 'clockToleranceSeconds must be 0 to 60'],
    [within(options.maxKeyAgeSeconds, 600, 86_400), 'maxKeyAgeSeconds must be 600 to 86400'],
    [within(options.introspectionTimeoutMs, 1, 30_000), 'introspectionTimeoutMs must be 1 to 30000'],
  ];
  return rules.flatMap(([holds, problem]) => (holds ? [] : [problem]));
}

function within(value: number | undefined, min: number, max: number): boolean {
  return value === undefined || (Number.isFinite(value) && value >= min && value <= max);
}

function isPublicUrl(text: string): boolean {
  return comparableUrl(text) !== undefined && !/[?#]/.test(text);
}
