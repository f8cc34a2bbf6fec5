/** A browser of the test house: keeps cookies, follows our redirects, signs people in at the issuer, sends the forms it was shown. */
import type { LightMyRequestResponse } from 'fastify';
import { type BrokerHouse, ISSUER } from './broker-house.ts';
import { formEncode } from './callers.ts';

type Headers = Readonly<Record<string, string>>;

export interface Shown {
  readonly status: number;
  readonly text: string;
  readonly headers: LightMyRequestResponse['headers'];
  /** Where it was sent, if it was. */
  readonly location: string | undefined;
}

export type WebBrowser = ReturnType<typeof browserOf>;

const REDIRECTS_MAX = 5;
/** What a browser says of a form that was sent from the page it shows. */
const SAME_ORIGIN: Headers = { 'sec-fetch-site': 'same-origin', origin: 'null' };

/** A browser without cookies. */
export function browserOf(house: BrokerHouse) {
  const jar = new Map<string, string>();

  async function send(
    method: 'GET' | 'POST',
    path: string,
    { headers = {}, payload }: { readonly headers?: Headers; readonly payload?: string } = {},
  ): Promise<Shown> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await house.app.inject({
      method,
      // What comes after # stays in the browser.
      url: path.split('#')[0] ?? path,
      headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
    for (const line of [response.headers['set-cookie'] ?? []].flat()) keep(line);
    const location = response.headers.location?.toString();
    return { status: response.statusCode, text: response.payload, headers: response.headers, location };
  }

  function keep(line: string): void {
    const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
    if (/Max-Age=0\b/.test(line)) jar.delete(name);
    else jar.set(name, value);
  }

  const get = (path: string, headers: Headers = {}) => send('GET', path, { headers });

  /** Opens a path and goes wherever we send it, as long as that is with us. */
  async function open(path: string): Promise<Shown> {
    let shown = await get(path);
    for (let hops = 0; shown.location?.startsWith('/'); hops++) {
      if (hops === REDIRECTS_MAX) throw new Error(`redirected too often: ${shown.location}`);
      shown = await get(shown.location);
    }
    return shown;
  }

  /** Where the issuer sends this browser back to, as a path of ours, once somebody chose to be `sub` there. */
  function chosen(location: string, sub: string): string {
    const provider = house.issuers.provider('workforce');
    const looked = provider.look(new URL(location).searchParams);
    if (looked.kind !== 'ask') throw new Error(`the issuer did not ask: ${JSON.stringify(looked)}`);
    return pathOf(provider.signIn(looked.ask, sub));
  }

  /** Signs in and arrives at `next`. */
  async function signIn(sub: string, next = '/device', query: Readonly<Record<string, string>> = {}): Promise<Shown> {
    const begun = await get(`/login?${new URLSearchParams({ next, ...query })}`);
    return open(chosen(begun.location ?? '', sub));
  }

  /** Sends a form with these fields, and the token of the page it was shown on. */
  const post = (
    path: string,
    fields: Readonly<Record<string, string>>,
    page?: Pick<Shown, 'text'>,
    headers: Headers = SAME_ORIGIN,
  ) => {
    const token = page === undefined ? {} : { form_token: formTokenIn(page) };
    const payload = Object.entries({ ...token, ...fields })
      .map(([name, value]) => `${formEncode(name)}=${formEncode(value)}`)
      .join('&');
    return send('POST', path, {
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      payload,
    });
  };

  return { jar, get, open, chosen, signIn, post };
}

/** The token in the forms of a page. */
export function formTokenIn({ text }: Pick<Shown, 'text'>): string {
  return /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? '';
}

/** An address of the broker as the path that `inject` takes. */
export function pathOf(address: string): string {
  if (!address.startsWith(`${ISSUER}/`)) throw new Error(`that is not with us: ${address}`);
  return address.slice(ISSUER.length);
}

/** The text of a page as it is read: no elements, single spaces. */
export function readOf({ text }: Pick<Shown, 'text'>): string {
  return text
    .replaceAll(/<(style|script)[\s\S]*?<\/\1>/g, ' ')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll(/\s+/g, ' ')
    .trim();
}
