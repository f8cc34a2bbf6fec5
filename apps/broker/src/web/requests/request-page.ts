/** The page of one request: where it stands, what is asked and why, what was decided, and what this reader may do about it. */

import { shownTo } from '../for-people.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../page.ts';
import { lengthText, principalName } from '../words.ts';
import { type Around, questionList, worthKnowing } from './around.ts';
import { factsOf, whatText } from './facts.ts';
import { formsOf, type Typed } from './forms.ts';
import type { SeenRequest } from './seen-request.ts';
import { decisionList, stateOf } from './state.ts';

export interface Told extends Typed {
  /** Why what was sent was not done. */
  readonly problem?: { readonly title: string; readonly text: string; readonly status: number };
}

/** Renders it. It shows itself anew while it may change, unless somebody may be typing or choosing in it. */
export function requestPage(seen: SeenRequest, around: Around, told: Told = {}): Page {
  const { case: c, at, who, may } = seen;
  const state = stateOf(c, at);
  const live = state.open && !may.decide;
  const title = `${principalName(at.policy, c.request.requester)} asks for ${whatText(at.policy, c.request)}`;
  const body = html`<div class="card ${state.look}"><p><b>${state.title}</b></p>${state.text}</div>
${factsOf(c.request, at)}${worthKnowing(c, at, around)}${questionList(around, at)}${decisionList(c, at)}${formsOf(seen, told)}`;
  const main = html`<h1>${title}</h1><p class="lead">For ${lengthText(c.request.duration)}.</p>${problemOf(told)}
<div id="live"${live ? html` data-live` : undefined}>${body}</div>`;
  const status = told.problem?.status ?? (told.reasonProblem === undefined ? undefined : 400);
  return { title, main, who: shownTo(who), live, ...(status === undefined ? {} : { status }) };
}

function problemOf({ problem }: Told): Html | undefined {
  if (problem === undefined) return undefined;
  return html`<div class="card bad" role="alert"><p><b>${problem.title}.</b> ${problem.text}</p></div>`;
}
