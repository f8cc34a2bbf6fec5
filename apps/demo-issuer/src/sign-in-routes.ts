/** Owns signing in at the workforce issuer: the page, the choice, and the token endpoint of the code flow. */
import type { Provider } from '@sallyport/testkit/issuer';
import { refusedPage, signInPage } from './sign-in-page.ts';

export type SignInAnswer =
  | { readonly kind: 'page'; readonly status: number; readonly html: string }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'json'; readonly status: number; readonly body: object };

/** One request to these paths. */
export interface SignInRequest {
  readonly method: string;
  readonly url: URL;
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
}

export type SignInRoutes = (request: SignInRequest) => Promise<SignInAnswer | undefined>;

const SUB_LENGTH_MAX = 255;

/** Answers `/workforce/authorize`, and `/workforce/token` when it is asked as a token endpoint; undefined: not ours. */
export function makeSignInRoutes(provider: Provider): SignInRoutes {
  return async ({ method, url, form, authorization }) => {
    if (url.pathname === '/workforce/authorize') return authorize(provider, method, url, form);
    if (url.pathname !== '/workforce/token' || method !== 'POST' || !form.has('grant_type')) return undefined;
    return { kind: 'json', ...(await provider.token(form, authorization)) };
  };
}

function authorize(provider: Provider, method: string, url: URL, form: URLSearchParams): SignInAnswer {
  const looked = provider.look(url.searchParams);
  if (looked.kind === 'refused') return { kind: 'page', status: 400, html: refusedPage(looked.why) };
  if (looked.kind === 'redirect') return looked;
  if (method === 'POST' && form.has('decline')) return { kind: 'redirect', location: provider.decline(looked.ask) };
  const sub = form.get('sub') || form.get('other') || '';
  if (method !== 'POST' || sub === '' || sub.length > SUB_LENGTH_MAX)
    return { kind: 'page', status: 200, html: signInPage(looked.ask, url.pathname + url.search) };
  return { kind: 'redirect', location: provider.signIn(looked.ask, sub) };
}
