/** Owns the browser of whoever installs the app in these tests: one cookie jar, the page, Slack's consent, and the way back. */
/** Where our pages are: `http://127.0.0.1:PORT`. */
export interface Door {
  readonly url: string;
}

export interface Begun {
  /** Where the page's link leads: Slack's consent page. */
  readonly authorize: URL;
  readonly cookie: string;
}

export interface Shown {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** Opens our page. */
export async function begins(door: Door): Promise<Begun> {
  const page = await fetch(`${door.url}/slack/install`);
  const href = /<a class="main" href="([^"]+)"/.exec(await page.text())?.[1] ?? '';
  const authorize = new URL(href.replaceAll('&#38;', '&'));
  return { authorize, cookie: (page.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

/** Answers Slack's consent page as this person. @returns where Slack sends the browser */
export async function consents(authorize: URL, user: string, answer: 'allow' | 'cancel' = 'allow'): Promise<string> {
  const sent = await fetch(authorize, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ user, answer }),
  });
  return sent.headers.get('location') ?? '';
}

/** Comes back, with the cookie or without. */
export async function comesBack(location: string, cookie?: string): Promise<Shown> {
  const page = await fetch(location, { headers: cookie === undefined ? {} : { cookie } });
  return { status: page.status, text: await page.text(), headers: page.headers };
}

/** The whole way: page, consent, back. */
export async function installs(door: Door, user: string): Promise<Shown> {
  const { authorize, cookie } = await begins(door);
  return comesBack(await consents(authorize, user), cookie);
}
