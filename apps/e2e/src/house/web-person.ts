/** Somebody at the pages of the broker, without a browser: keeps cookies, signs in at the house's issuer, sends the forms they are shown. */
import type { House } from './house.ts';

const REDIRECTS_MAX = 6;

export interface Shown {
  readonly url: URL;
  readonly status: number;
  readonly text: string;
}

/** Builds a person who is signed in as `sub` and looks at a page of the broker. */
export async function signedIn(house: House, sub: string) {
  const jar = new Map<string, string>();

  async function send(url: URL, init: RequestInit = {}): Promise<Shown> {
    let [target, request]: [URL, RequestInit] = [url, init];
    for (let hops = 0; hops < REDIRECTS_MAX; hops++) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { ...request.headers, cookie };
      const answer = await fetch(target, { ...request, headers, redirect: 'manual' });
      for (const line of answer.headers.getSetCookie()) keep(line);
      const location = answer.headers.get('location');
      if (location === null) return { url: target, status: answer.status, text: await answer.text() };
      target = chosen(new URL(location, target));
      request = {};
    }
    throw new Error(`redirected too often: ${target}`);
  }

  function keep(line: string): void {
    const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
    if (/Max-Age=0\b/.test(line)) jar.delete(name);
    else jar.set(name, value);
  }

  /** At the issuer they choose who to be. */
  function chosen(url: URL): URL {
    if (url.origin !== house.issuers.origin) return url;
    const looked = house.issuers.provider('workforce').look(url.searchParams);
    if (looked.kind !== 'ask') throw new Error(`the issuer did not ask: ${JSON.stringify(looked)}`);
    return new URL(house.issuers.provider('workforce').signIn(looked.ask, sub));
  }

  const open = (path: string) => send(new URL(path, house.issuer));

  /** Sends a form of this page. */
  function submit({ url, text }: Shown, action: string, fields: Readonly<Record<string, string>>): Promise<Shown> {
    const form_token = /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? '';
    return send(new URL(action, url), {
      method: 'POST',
      body: new URLSearchParams({ form_token, ...fields }),
      headers: { 'sec-fetch-site': 'same-origin' },
    });
  }

  /** Types a code, and presses Continue. */
  async function confirms(userCode: string, reason: string): Promise<Shown> {
    const review = await submit(await open('/device'), '/device', { user_code: userCode });
    return submit(review, review.url.pathname, { choice: 'continue', reason });
  }

  await open('/device');
  return { open, submit, confirms };
}
