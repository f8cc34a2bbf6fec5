/** What stands around a request and helps to decide it: what was asked before, what is live already, questions and their answers. */
import {
  type AccessCase,
  type CaseQuestion,
  type History,
  historyFacts,
  type Moment,
  type RequestState,
  type Said,
} from '@sallyport/core';
import type { BrokerDeps } from '../../deps.ts';
import { type Html, html } from '../html.ts';
import { personName, principalName, timeText } from '../words.ts';
import { whatText } from './facts.ts';

export interface Around {
  readonly questions: readonly CaseQuestion[];
  /** Absent where it was not read: it is told to those who decide. */
  readonly history?: History;
}

const OVERLAPS_SHOWN_MAX = 3;

/** Reads it. History helps to decide and must not stand in the way of it: where it cannot be read the page goes without. */
export async function aroundOf(
  { questions, facts, logger }: BrokerDeps,
  { request: { id } }: AccessCase,
  wish: { readonly history: boolean },
): Promise<Around> {
  const asked = await questions.ofRequest(id);
  if (!wish.history) return { questions: asked };
  const history = await facts.history(id).catch((err: unknown) => {
    logger.warn('web.history_unread', { requestId: id, err });
    return undefined;
  });
  return { questions: asked, ...(history === undefined ? {} : { history }) };
}

/** Facts, no advice; nothing where the history was not read. */
export function worthKnowing(c: AccessCase, at: Moment, { history }: Around): Html | undefined {
  if (history === undefined) return undefined;
  return html`<h2>Worth knowing</h2><ul>${[...overlapping(c, at, history), howOften(c, at, history)].map((one) => html`<li>${one}</li>`)}</ul>`;
}

function howOften({ request }: AccessCase, { policy, now }: Moment, history: History): Html {
  const { last, recently } = historyFacts(history, request.openedAt, now);
  const whom = principalName(policy, request.subject);
  if (last === undefined) return html`First request for this resource for ${whom}.`;
  const ended = html` The last one, ${timeText(last.at, now)}, ${ENDED[last.state]}.`;
  const { count, orMore } = recently;
  if (count === 0) return html`No request for this resource for ${whom} in the 30 days before.${ended}`;
  const often = `${count}${orMore ? ' or more' : ''} earlier request${count === 1 && !orMore ? '' : 's'}`;
  return html`${often} for this resource for ${whom} in 30 days.${ended}`;
}

const ENDED: Readonly<Record<RequestState, string>> = {
  pending: 'is still pending',
  approved: 'was approved',
  denied: 'was denied',
  canceled: 'was canceled',
  expired: 'expired',
};

/** Access that stands already: what is asked comes on top of it. */
function overlapping({ request }: AccessCase, { policy, now }: Moment, history: History): readonly Html[] {
  const { overlapping: live } = historyFacts(history, request.openedAt, now);
  const whom = principalName(policy, request.subject);
  return live
    .slice(0, OVERLAPS_SHOWN_MAX)
    .flatMap((one) =>
      one.grant === undefined
        ? []
        : [html`${whom} already has ${whatText(policy, one.request)} until ${timeText(one.grant.expiresAt, now)}.`],
    );
}

/** What was asked in Slack and answered there, in people's own words. */
export function questionList({ questions }: Around, at: Moment): Html | undefined {
  if (questions.length === 0) return undefined;
  return html`<h2>Questions</h2>${questions.map(
    ({ asked, answered }) =>
      html`${said(asked, 'asked', at)}${answered === undefined ? html`<p class="hint">Not answered yet.</p>` : said(answered, 'answered', at)}`,
  )}`;
}

function said({ by, at: when, text }: Said, verb: string, { policy, now }: Moment): Html {
  return html`<p>${personName(policy, by)} ${verb} at ${timeText(when, now)}:</p><blockquote>${text}</blockquote>`;
}
