/** The page that shows both identities before they are linked, the one after, and why there is none. */
import type { Instant, LinkOffer, OfferView, SlackAccount, SlackLink } from '@sallyport/core';
import type { ErrorWords } from '../error-pages.ts';
import { type Html, html } from '../html.ts';
import { type Page, tokenField } from '../page.ts';
import { timeText } from '../words.ts';

export interface LinkReview extends OfferView {
  readonly who: NonNullable<Page['who']>;
  readonly now: Instant;
  /** The code of the address: the form brings it back. */
  readonly code: string;
  /** What is wrong with what was typed. */
  readonly problem?: string;
}

export const LINK_PATH = '/link/slack';

/** Both identities side by side, what follows from linking them, and the field for the code of the direct message. */
export function linkPage(review: LinkReview): Page {
  const { who, offer, entry, now, code, problem, before } = review;
  const title = 'Is this Slack account yours?';
  const main = html`<h1>${title}</h1>
<div class="card warn"><p><b>Continue only if you opened this from your own Slack, just now.</b></p>
<p>Whoever has this Slack account will ask and decide as ${entry.name}. If somebody sent you this link, or tells you a code, stop.</p></div>
<div class="card"><dl><dt>Slack account</dt><dd class="code">${accountText(offer.account)}</dd>
<dt>Calls itself</dt><dd>${claimed(offer)} <span class="hint">(says Slack; anybody can choose it)</span></dd>
<dt>Person</dt><dd><b>${entry.name}</b> <span class="code">(${entry.id})</span></dd>
<dt>Open until</dt><dd>${timeText(offer.expiresAt, now)}</dd></dl></div>
${before === undefined ? undefined : replaces(before)}
<form method="post" action="${LINK_PATH}">${tokenField(who.formToken)}<input type="hidden" name="code" value="${code}">
<label for="confirmation">Code from the direct message</label><p class="hint" id="hint">Sallyport sent it in Slack to the account above, and to nobody else.</p>
${problem === undefined ? undefined : html`<p class="problem" id="problem" role="alert">${problem}</p>`}
<input class="code" id="confirmation" name="confirmation" maxlength="20" autocomplete="off" autocapitalize="characters" spellcheck="false" placeholder="XXXX-XXXX" aria-describedby="hint${problem === undefined ? '' : ' problem'}"${problem === undefined ? undefined : html` aria-invalid="true"`} autofocus>
<div class="actions"><button class="main" name="choice" value="link">Link this account</button>
<button name="choice" value="decline" formnovalidate>Not mine</button></div></form>`;
  return { title, main, who, ...(problem === undefined ? {} : { status: 400 }) };
}

function replaces({ account }: SlackLink): Html {
  return html`<div class="card note"><p>You are linked to <span class="code">${accountText(account)}</span> now. That link ends, and that account is told.</p></div>`;
}

/** `T01TEST / W01WANDA`: the account as Slack's ids, which nobody can choose. */
function accountText({ team, user }: SlackAccount): string {
  return `${team} / ${user}`;
}

function claimed({ claimedName }: LinkOffer): Html {
  return html`“${claimedName}”`;
}

/** The account the policy gives whoever is signed in. */
export function boundPage(who: NonNullable<Page['who']>, account: SlackAccount): Page {
  const title = 'Your Slack account is set in the policy';
  const main = html`<h1>${title}</h1><div class="card note"><p>It is <span class="code">${accountText(account)}</span>. If that is wrong, ask whoever keeps the policy.</p></div>`;
  return { title, main, who };
}

/** What is linked to whoever is signed in. */
export function linkedPage(who: NonNullable<Page['who']>, link: SlackLink | undefined, now: Instant): Page {
  if (link === undefined) {
    const title = 'No Slack account is linked by you';
    const main = html`<h1>${title}</h1><div class="card note"><p>To connect yours, type <span class="code">/request-access</span> in Slack and follow the link it gives you.</p></div>`;
    return { title, main, who };
  }
  const title = 'Your Slack account is linked';
  const main = html`<h1>${title}</h1><div class="card good"><p>What <span class="code">${accountText(link.account)}</span> asks for and decides in Slack counts as yours. Slack tells that account so; you can close this page.</p></div>
<div class="card"><dl><dt>Slack account</dt><dd class="code">${accountText(link.account)}</dd><dt>Linked</dt><dd>${timeText(link.linkedAt, now)}</dd></dl></div>
<p class="hint">To end it: the Unlink button in Slack, or <span class="code">/request-access unlink</span>.</p>`;
  return { title, main, who };
}

/** It was turned away. */
export function declinedPage(who: NonNullable<Page['who']>): Page {
  const title = 'Nothing was linked';
  const main = html`<h1>${title}</h1><div class="card note"><p>This link is of no use to anybody any more. If somebody sent it to you, tell your security team.</p></div>`;
  return { title, main, who };
}

/** Used, turned away, too old, tried too often, or never made: it is the same to whoever holds it. */
export const NO_OFFER: ErrorWords = {
  status: 404,
  title: 'This link is not good any more',
  text: 'It was used, is older than ten minutes, had too many wrong codes, or never was. Nothing was changed.',
  next: html`<p>Type <span class="code">/request-access</span> in Slack: you get a new one.</p>`,
};

/** The policy itself says whose account it is. */
export const BOUND: ErrorWords = {
  status: 409,
  title: 'The policy says whose account this is',
  text: 'Your Slack account, or this one, is set in the policy. What is set there is not linked by hand. Nothing was changed.',
  next: html`<p>If it is wrong, ask whoever keeps the policy.</p>`,
};
