/** What the pages work with beside the use cases. */
import type { Clock, Sessions } from '@sallyport/core';
import type { Secret } from '@sallyport/platform';
import { type IssuerFetch, makeSealedBox, type SealedBox } from '@sallyport/tokens';
import { type Cookies, makeCookies } from './cookies.ts';
import { CALLBACK_PATH } from './paths.ts';
import { makeRelyingParty, type RelyingParty } from './relying-party.ts';

export interface WebDeps {
  readonly cookies: Cookies;
  readonly sessionBox: SealedBox;
  /** For what a browser keeps while somebody is away signing in. */
  readonly loginBox: SealedBox;
  readonly sessions: Sessions;
  readonly relyingParty: RelyingParty;
}

export interface WebSettings {
  /** Our own address, to the letter. */
  readonly issuer: string;
  /** The audit key: cookies are sealed under keys derived from it. */
  readonly secret: Uint8Array;
  readonly loginClientSecret: Secret<string> | undefined;
  readonly allowHttp: boolean;
  readonly fetch: IssuerFetch;
  readonly sessions: Sessions;
  readonly clock: Clock;
}

/** Builds it; the same for the program and for tests. */
export function makeWebDeps(settings: WebSettings): WebDeps {
  const { issuer, secret, sessions, fetch, clock, allowHttp, loginClientSecret } = settings;
  return {
    cookies: makeCookies(issuer),
    sessionBox: makeSealedBox({ secret, purpose: 'web session' }),
    loginBox: makeSealedBox({ secret, purpose: 'web login' }),
    sessions,
    relyingParty: makeRelyingParty({
      redirectUri: issuer + CALLBACK_PATH,
      fetch,
      clock,
      allowHttp,
      ...(loginClientSecret === undefined ? {} : { secret: loginClientSecret }),
    }),
  };
}
