/** We as a client of the issuer where people sign in: OpenID Connect, authorization code with PKCE, state and nonce. Owns `openid-client`. */
import { type Clock, type Instant, type Issuer, instant, type Result } from '@sallyport/core';
import type { Secret } from '@sallyport/platform';
import type { IssuerFetch } from '@sallyport/tokens';
import * as client from 'openid-client';
import { type LoginProblem, orProblem } from './login-problem.ts';

/** What only the browser that began may bring back; kept sealed in it meanwhile. */
export interface LoginSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** They must authenticate anew, since then; null: the session they have there will do. */
  readonly freshSince: Instant | null;
}

export interface Begun {
  /** Where the browser goes. */
  readonly url: URL;
  readonly secrets: LoginSecrets;
}

/** What came back, checked by the flow (state, `iss`, PKCE, nonce, times); whose signature and whose person is for the verifier. */
export interface Returned {
  readonly idToken: string;
  readonly sub: string;
  readonly authenticatedAt?: Instant;
}

export interface RelyingParty {
  /** `login`: the issuer, with our client there as its audience. `fresh`: the person authenticates anew, whatever session they have there. */
  begin(login: Issuer, wish: { readonly fresh: boolean }): Promise<Result<Begun, LoginProblem>>;
  /** Redeems the code in `current`, our own address as the browser came to it. */
  finish(login: Issuer, current: URL, secrets: LoginSecrets): Promise<Result<Returned, LoginProblem>>;
}

export interface RelyingPartyDeps {
  readonly redirectUri: string;
  readonly fetch: IssuerFetch;
  readonly clock: Clock;
  /** http is fine (development). */
  readonly allowHttp: boolean;
  readonly secret?: Secret<string>;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonicMs?: () => number;
}

const METADATA_KEPT_MS = 10 * 60_000;

/** Builds it. What the issuer says of itself is asked once in ten minutes. */
export function makeRelyingParty(deps: RelyingPartyDeps): RelyingParty {
  const now = deps.monotonicMs ?? (() => performance.now());
  // What these flows send is a form or nothing.
  const sendTo =
    (login: Issuer): client.CustomFetch =>
    (url, { method, headers, body }) =>
      deps.fetch(login, url, {
        method,
        headers,
        ...(body instanceof URLSearchParams ? { body: body.toString() } : {}),
      });
  let kept: { readonly issuer: string; readonly at: number; readonly metadata: client.ServerMetadata } | undefined;

  async function metadataOf(login: Issuer): Promise<client.ServerMetadata> {
    const { issuer, audience } = login;
    if (kept?.issuer === issuer && now() - kept.at < METADATA_KEPT_MS) return kept.metadata;
    const found = await client.discovery(new URL(issuer), audience, undefined, client.None(), {
      [client.customFetch]: sendTo(login),
      execute: deps.allowHttp ? [client.allowInsecureRequests] : [],
    });
    const metadata = found.serverMetadata();
    if (metadata.issuer !== issuer) throw new Error('a discovery document about another issuer');
    kept = { issuer, at: now(), metadata };
    return metadata;
  }

  /** Made anew each time: the clock that judges the ID token is the database's, not this machine's. */
  async function configuration(login: Issuer): Promise<client.Configuration> {
    const metadata = await metadataOf(login);
    const skewSeconds = Math.round((deps.clock.now() - Date.now()) / 1_000);
    const own = { [client.clockSkew]: skewSeconds, [client.clockTolerance]: 30 };
    const config = new client.Configuration(metadata, login.audience, own, proofOf(metadata, deps.secret));
    if (deps.allowHttp) client.allowInsecureRequests(config);
    config[client.customFetch] = sendTo(login);
    return config;
  }

  return {
    begin: (login, { fresh }) =>
      orProblem(async () => {
        const config = await configuration(login);
        const secrets = {
          state: client.randomState(),
          nonce: client.randomNonce(),
          verifier: client.randomPKCECodeVerifier(),
          freshSince: fresh ? deps.clock.now() : null,
        };
        const url = client.buildAuthorizationUrl(config, {
          redirect_uri: deps.redirectUri,
          scope: 'openid',
          state: secrets.state,
          nonce: secrets.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(secrets.verifier),
          code_challenge_method: 'S256',
          ...(fresh ? { prompt: 'login', max_age: '0' } : {}),
        });
        return { url, secrets };
      }),
    finish: (login, current, { state, nonce, verifier, freshSince }) =>
      orProblem(async () => {
        const checks = {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        };
        const answer = await client.authorizationCodeGrant(await configuration(login), current, {
          ...checks,
          // Not before we asked; how long they then took over it is theirs.
          ...(freshSince === null ? {} : { maxAge: secondsBetween(freshSince, deps.clock.now()) }),
        });
        const claims = answer.claims();
        if (answer.id_token === undefined || claims === undefined) throw new Error('no ID token');
        const { auth_time: authTime } = claims;
        const authenticatedAt = authTime === undefined ? {} : { authenticatedAt: instant(authTime * 1_000) };
        return { idToken: answer.id_token, sub: claims.sub, ...authenticatedAt };
      }),
  };
}

function secondsBetween(from: Instant, to: Instant): number {
  return Math.max(0, Math.floor((to - from) / 1_000));
}

/** RFC 6749 section 2.3.1: Basic, unless the issuer takes the secret in the body only. */
function proofOf({ token_endpoint_auth_methods_supported: methods }: client.ServerMetadata, secret?: Secret<string>) {
  if (secret === undefined) return client.None();
  const basic = methods === undefined || methods.includes('client_secret_basic');
  return basic ? client.ClientSecretBasic(secret.reveal()) : client.ClientSecretPost(secret.reveal());
}
