/** A small OpenID provider over one issuer: the authorization code flow with PKCE, exact redirect URIs, codes that work once. */
import { createHash, randomBytes } from 'node:crypto';
import type { JWTPayload } from 'jose';
import type { IdTokenAsk } from './id-token-claims.ts';

export interface ProviderClient {
  readonly id: string;
  /** Absent: a public client. */
  readonly secret?: string;
  /** Compared to the letter. */
  readonly redirectUris: readonly string[];
}

/** What a relying party asks of a person's browser, read and sound. */
export interface AuthorizationAsk {
  readonly client: ProviderClient;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly state?: string;
  readonly nonce?: string;
}

export type Looked =
  | { readonly kind: 'ask'; readonly ask: AuthorizationAsk }
  /** Wrong, and told to the relying party. */
  | { readonly kind: 'redirect'; readonly location: string }
  /** Nobody to tell but the person: the redirect URI is not one of the client's. */
  | { readonly kind: 'refused'; readonly why: string };

export interface TokenAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, string | number>>;
}

export interface Provider {
  /** Reads an authorization request (OpenID Connect Core, section 3.1.2.1). */
  look(params: URLSearchParams): Looked;
  /** Somebody chose to be this person: where their browser goes. */
  signIn(ask: AuthorizationAsk, sub: string): string;
  /** Somebody turned away: where their browser goes. */
  decline(ask: AuthorizationAsk): string;
  /** The token endpoint (section 3.1.3). `authorization` is the header of that name. */
  token(form: URLSearchParams, authorization?: string): Promise<TokenAnswer>;
  /** From now on ID tokens are made like this of what would be the truth; without a function they are honest again. */
  lie(make?: (claims: JWTPayload) => string | Promise<string>): void;
}

interface Signing {
  readonly url: string;
  idClaims(ask: IdTokenAsk): JWTPayload;
  sign(claims: JWTPayload): Promise<string>;
}

interface Code {
  readonly ask: AuthorizationAsk;
  readonly sub: string;
  readonly madeAtMs: number;
}

const CODE_LIFE_MS = 60_000;
const CODES_MAX = 1_000;
const S256 = /^[A-Za-z0-9_-]{43}$/;

/** Makes the provider of one issuer. */
export function makeProvider(issuer: Signing, clients: readonly ProviderClient[]): Provider {
  const codes = new Map<string, Code>();
  let make: (claims: JWTPayload) => string | Promise<string> = (claims) => issuer.sign(claims);

  const back = (ask: Pick<AuthorizationAsk, 'redirectUri' | 'state'>, members: Readonly<Record<string, string>>) => {
    const location = new URL(ask.redirectUri);
    const state = ask.state === undefined ? {} : { state: ask.state };
    for (const [name, value] of Object.entries({ ...members, ...state, iss: issuer.url }))
      location.searchParams.set(name, value);
    return location.href;
  };

  function take(code: string): Code | undefined {
    const found = codes.get(code);
    codes.delete(code);
    return found !== undefined && Date.now() - found.madeAtMs <= CODE_LIFE_MS ? found : undefined;
  }

  return {
    look: (params) => look(clients, params, back),
    signIn(ask, sub) {
      const [oldest] = codes.keys();
      if (codes.size >= CODES_MAX && oldest !== undefined) codes.delete(oldest);
      const code = randomBytes(24).toString('base64url');
      codes.set(code, { ask, sub, madeAtMs: Date.now() });
      return back(ask, { code });
    },
    decline: (ask) => back(ask, { error: 'access_denied' }),
    async token(form, authorization) {
      const client = authenticated(clients, form, authorization);
      if (client === undefined) return failed(401, 'invalid_client');
      if (form.get('grant_type') !== 'authorization_code') return failed(400, 'unsupported_grant_type');
      const found = take(form.get('code') ?? '');
      if (found === undefined || found.ask.client.id !== client.id || !fits(found.ask, form))
        return failed(400, 'invalid_grant');
      const nonce = found.ask.nonce === undefined ? {} : { nonce: found.ask.nonce };
      const claims = issuer.idClaims({ sub: found.sub, audience: client.id, claims: nonce });
      const token = { access_token: randomBytes(24).toString('base64url'), token_type: 'Bearer', expires_in: 300 };
      return { status: 200, body: { ...token, id_token: await make(claims) } };
    },
    lie(how) {
      make = how ?? ((claims) => issuer.sign(claims));
    },
  };
}

function look(
  clients: readonly ProviderClient[],
  params: URLSearchParams,
  back: (ask: Pick<AuthorizationAsk, 'redirectUri' | 'state'>, members: Readonly<Record<string, string>>) => string,
): Looked {
  const client = clients.find((one) => one.id === params.get('client_id'));
  if (client === undefined) return { kind: 'refused', why: 'no such client' };
  const redirectUri = params.get('redirect_uri') ?? '';
  if (!client.redirectUris.includes(redirectUri)) {
    return { kind: 'refused', why: `the redirect URI is not one of ${client.id}` };
  }
  const state = params.get('state');
  const to = { redirectUri, ...(state === null ? {} : { state }) };
  const error = errorIn(params);
  if (error !== undefined) return { kind: 'redirect', location: back(to, { error }) };
  const nonce = params.get('nonce');
  const challenge = params.get('code_challenge') ?? '';
  return { kind: 'ask', ask: { client, challenge, ...to, ...(nonce === null ? {} : { nonce }) } };
}

function errorIn(params: URLSearchParams): string | undefined {
  if (params.get('response_type') !== 'code') return 'unsupported_response_type';
  if (!(params.get('scope') ?? '').split(' ').includes('openid')) return 'invalid_scope';
  if (params.get('code_challenge_method') !== 'S256' || !S256.test(params.get('code_challenge') ?? ''))
    return 'invalid_request';
  return params.get('prompt') === 'none' ? 'login_required' : undefined;
}

function authenticated(
  clients: readonly ProviderClient[],
  form: URLSearchParams,
  authorization: string | undefined,
): ProviderClient | undefined {
  const [id, secret] = authorization === undefined ? [form.get('client_id'), undefined] : basic(authorization);
  const client = clients.find((one) => one.id === id);
  return client !== undefined && client.secret === secret ? client : undefined;
}

/** RFC 6749 section 2.3.1: both halves are form-encoded. */
function basic(authorization: string): readonly [string | undefined, string | undefined] {
  const text = Buffer.from(authorization.replace(/^Basic /i, ''), 'base64').toString('utf8');
  const [id, secret] = text.split(/:(.*)/s).map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
  return [id, secret];
}

/** RFC 7636 section 4.6, and RFC 6749 section 4.1.3. */
function fits(ask: AuthorizationAsk, form: URLSearchParams): boolean {
  const made = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  return made === ask.challenge && form.get('redirect_uri') === ask.redirectUri;
}

function failed(status: number, error: string): TokenAnswer {
  return { status, body: { error } };
}
