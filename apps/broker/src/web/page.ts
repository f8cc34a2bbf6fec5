/** A page: what every one of them is framed by, and the headers it goes out with. */
import type { FastifyReply } from 'fastify';
import { type Html, html } from './html.ts';

export interface Page {
  readonly title: string;
  readonly main: Html;
  /** 200 unless said. */
  readonly status?: number;
  /** Who is signed in, and what proves that their forms are ours. */
  readonly who?: { readonly name: string; readonly formToken: string };
  /** It has a part (`#live`) that is shown anew by itself. */
  readonly live?: boolean;
}

/** Nothing but our style, our forms, and, where something is live, our one script. No frame, no base, no other origin. */
const POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const LIVE_POLICY = `${POLICY}; script-src 'self'; connect-src 'self'`;
/** How often a page that is live loads itself again where no script runs. */
const RELOAD_SECONDS = 10;

/** Sends a page, never to be kept by anybody. */
export function sendPage(reply: FastifyReply, page: Page): FastifyReply {
  return reply
    .code(page.status ?? 200)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': page.live === true ? LIVE_POLICY : POLICY,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    .send(`<!doctype html>\n${document(page).text}\n`);
}

function document({ title, main, who, live = false }: Page): Html {
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title} · Sallyport</title><link rel="stylesheet" href="/web/style.css">`;
  const script =
    live &&
    html`<script src="/web/live.js" defer></script><noscript><meta http-equiv="refresh" content="${RELOAD_SECONDS}"></noscript>`;
  return html`<html lang="en"><head>${head}${script}</head><body><a class="skip" href="#content">To the content</a>
<header><span class="brand">Sallyport</span>${who === undefined ? undefined : signedIn(who)}</header>
<main id="content">${main}</main>
<footer><p>One person asks, another opens. <a href="/requests">Requests</a> · <a href="/docs">API</a></p></footer></body></html>`;
}

function signedIn({ name, formToken }: NonNullable<Page['who']>): Html {
  return html`<div class="who"><span>Signed in as <b>${name}</b></span><form method="post" action="/logout">${tokenField(formToken)}<button class="plain">Sign out</button></form></div>`;
}

/** The hidden field every form of ours carries. */
export function tokenField(formToken: string): Html {
  return html`<input type="hidden" name="form_token" value="${formToken}">`;
}
