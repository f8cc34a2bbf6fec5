/** The page after the choice: what became of it, live until nothing more will change. */
import {
  closingOf,
  type DeviceAuthorization,
  decisionsInForce,
  grantStateAt,
  type HandleSeen,
  type Moment,
  nameOf,
  startsLater,
  tally,
} from '@sallyport/core';
import { type Html, html } from '../html.ts';
import type { Page } from '../page.ts';
import { lineText } from '../who-decides.ts';
import { lengthText, personName, timeText } from '../words.ts';

interface State {
  readonly title: string;
  readonly text: Html;
  readonly look: 'note' | 'good' | 'bad';
  /** It may still change by itself. */
  readonly live: boolean;
}

/** What became of a device that was taken on. */
export function takenPage(who: NonNullable<Page['who']>, seen: HandleSeen, at: Moment): Page {
  const state = stateOf(seen, at);
  const { request } = seen.case;
  const resource =
    at.policy.resources.find((one) => one.id === request.access.resource)?.name ?? request.access.resource;
  const main = html`<div id="live" aria-live="polite"${state.live ? html` data-live` : undefined}><h1>${state.title}</h1>
<div class="card ${state.look}">${state.text}</div></div>
<div class="card"><dl><dt>Program</dt><dd class="code">${seen.handle.clientId}</dd>
<dt>Access</dt><dd><b>${request.access.role}</b> on <b>${resource}</b></dd>
<dt>Scopes</dt><dd class="code">${seen.handle.scopes.join(' ')}</dd>
<dt>For</dt><dd>${lengthText(request.duration)}</dd>
<dt>Request</dt><dd class="code">${request.id}</dd></dl></div>`;
  return { title: state.title, main, who, live: state.live };
}

/** It was turned away. */
export function deniedPage(who: NonNullable<Page['who']>, { clientId }: DeviceAuthorization): Page {
  const title = 'You turned it away';
  const main = html`<h1>${title}</h1><div class="card note"><p><span class="code">${clientId}</span> was told no, and gets nothing. You can close this page.</p></div>`;
  return { title, main, who };
}

function stateOf({ case: c, redeemed }: HandleSeen, at: Moment): State {
  const { now, policy } = at;
  const { request, grant } = c;
  if (redeemed !== undefined) return DONE;
  const closing = closingOf(request, now);
  if (closing === undefined) return waiting(c, at);
  if (closing.state !== 'approved' || grant === undefined) {
    const by =
      closing.by === undefined
        ? undefined
        : html` by ${closing.by.kind === 'person' ? personName(policy, closing.by.id) : nameOf(closing.by)}`;
    return over(
      `This request was ${closing.state}`,
      html`<p>It was ${closing.state} at ${timeText(closing.at, now)}${by}. Your device gets nothing.</p>`,
    );
  }
  if (startsLater(grant, now)) {
    return {
      title: 'Approved, and begins later',
      look: 'good',
      live: true,
      text: html`<p>It begins at ${timeText(grant.notBefore, now)}. Your device waits until then.</p>`,
    };
  }
  if (grantStateAt(grant, now) !== 'active')
    return over('This access has ended', html`<p>Your device gets nothing of it any more.</p>`);
  return {
    title: 'Approved',
    look: 'good',
    live: true,
    text: html`<p>Your device collects its access when it asks next: that takes some seconds. It is good until ${timeText(grant.expiresAt, now)}.</p>`,
  };
}

const DONE: State = {
  title: 'Your device has its access',
  look: 'good',
  live: false,
  text: html`<p>Go back to it. You can close this page.</p>`,
};

function waiting(c: HandleSeen['case'], { now, policy }: Moment): State {
  const approvals = decisionsInForce(c).filter((one) => one.verdict === 'approve');
  const { request } = c;
  const { given, required, open } = tally(request.lines, approvals);
  const waitedFor = request.lines.flatMap((line, index) => {
    const count = open[index] ?? 0;
    return count === 0 ? [] : [html`<li>${lineText(policy, request, { ...line, count })}</li>`];
  });
  return {
    title: 'Waiting for approval',
    look: 'note',
    live: true,
    text: html`<p><b>${given} of ${required} ${required === 1 ? 'approval' : 'approvals'}.</b> Until ${timeText(request.expiresAt, now)} it waits for:</p>
<ul>${waitedFor}</ul><p>You can close this page: your device goes on waiting.</p>`,
  };
}

function over(title: string, text: Html): State {
  return { title, text, look: 'bad', live: false };
}
