/** The list of requests: what waits for this person, and what they, or a pipeline of theirs, asked for. */
import type { AccessCase, Moment, Seen } from '@sallyport/core';
import { type Html, html } from '../html.ts';
import type { Page } from '../page.ts';
import { requestPath } from '../paths.ts';
import { lengthText, principalName, timeText } from '../words.ts';
import { whatText } from './facts.ts';
import { shortState } from './state.ts';

type Cases = Seen<readonly AccessCase[]>;

/** Renders it; newest first. */
export function listPage(who: NonNullable<Page['who']>, waiting: Cases, own: Cases): Page {
  const title = 'Requests';
  const main = html`<h1>${title}</h1>
${part('Waiting for you', waiting, 'Nothing waits for you.')}
${part('Yours', own, 'You have not asked for anything.')}`;
  return { title, main, who };
}

function part(title: string, { value, at }: Cases, none: string): Html {
  if (value.length === 0) return html`<h2>${title}</h2><p class="hint">${none}</p>`;
  return html`<h2>${title}</h2><ul class="rows">${value.map((c) => item(c, at))}</ul>`;
}

function item(c: AccessCase, at: Moment): Html {
  const { request } = c;
  const { policy, now } = at;
  const whom = request.subject.kind === 'workload' ? `, for ${principalName(policy, request.subject)}` : '';
  return html`<li class="card"><a href="${requestPath(request.id)}">${principalName(policy, request.requester)}: ${whatText(policy, request)} for ${lengthText(request.duration)}${whom}</a>
<p class="hint">${shortState(c, at)}. Asked at ${timeText(request.openedAt, now)}.</p></li>`;
}
