/** Where a request stands, in words: the state card of its page, and the short form of lists. */
import {
  type AccessCase,
  closingOf,
  type Decision,
  decisionsInForce,
  grantStateAt,
  type Moment,
  spokenFor,
  startsLater,
  tally,
} from '@sallyport/core';
import { type Html, html } from '../html.ts';
import { lineText } from '../who-decides.ts';
import { personName, principalName, timeText } from '../words.ts';

export interface State {
  readonly title: string;
  readonly text?: Html;
  readonly look: 'note' | 'good' | 'bad';
  /** It may still change. */
  readonly open: boolean;
}

/** The state at the moment it was read: whether a job has run makes no difference. */
export function stateOf(c: AccessCase, at: Moment): State {
  const { request, grant } = c;
  const closing = closingOf(request, at.now);
  if (closing === undefined) return pending(c, at);
  const when = timeText(closing.at, at.now);
  const by = closing.by === undefined ? undefined : html` by ${principalName(at.policy, closing.by)}`;
  switch (closing.state) {
    case 'denied':
      return { title: 'Denied', look: 'bad', open: false, text: html`<p>Denied at ${when}${by}.</p>${reasonOf(c)}` };
    case 'canceled':
      return { title: 'Canceled', look: 'note', open: false, text: html`<p>Canceled at ${when}${by}.</p>` };
    case 'expired':
      return {
        title: 'Expired',
        look: 'note',
        open: false,
        text: html`<p>Nobody decided in time. It ended at ${when}.</p>`,
      };
    case 'approved':
      return grant === undefined ? { title: 'Approved', look: 'good', open: false } : granted(grant, at);
  }
}

/** "Pending, 1 of 2 approvals". */
export function shortState(c: AccessCase, at: Moment): string {
  const { title, open } = stateOf(c, at);
  if (!open || c.grant !== undefined) return title;
  const { given, required } = counted(c);
  return `${title}, ${given} of ${required} ${required === 1 ? 'approval' : 'approvals'}`;
}

function pending(c: AccessCase, { now, policy }: Moment): State {
  const { request } = c;
  const { given, required, open } = counted(c);
  const waitedFor = request.lines.flatMap((line, index) => {
    const count = open[index] ?? 0;
    return count === 0 ? [] : [html`<li>${lineText(policy, request, { ...line, count })}</li>`];
  });
  return {
    title: 'Pending',
    look: 'note',
    open: true,
    text: html`<p><b>${given} of ${required} ${required === 1 ? 'approval' : 'approvals'}.</b> Until ${timeText(request.expiresAt, now)} it waits for:</p><ul>${waitedFor}</ul>`,
  };
}

function granted(grant: NonNullable<AccessCase['grant']>, { now, policy }: Moment): State {
  const { status } = grant;
  if (status.state === 'revoked') {
    const text = html`<p>${principalName(policy, status.by)} ended it at ${timeText(status.at, now)}.</p>`;
    return { title: 'Ended early', look: 'note', open: false, text };
  }
  if (grantStateAt(grant, now) === 'expired') {
    const text = html`<p>It ended at ${timeText(grant.expiresAt, now)}, time was over.</p>`;
    return { title: 'Ended', look: 'note', open: false, text };
  }
  const later = startsLater(grant, now);
  const from = later ? html`From ${timeText(grant.notBefore, now)} until` : 'Until';
  const text = html`<p>${from} ${timeText(grant.expiresAt, now)}.</p>`;
  return { title: later ? 'Approved, begins later' : 'Active', look: 'good', open: true, text };
}

function counted(c: AccessCase) {
  return tally(c.request.lines, approvalsIn(c));
}

function approvalsIn(c: AccessCase): readonly Decision[] {
  return decisionsInForce(c).filter((one) => one.verdict === 'approve');
}

function reasonOf({ request: { status } }: AccessCase): Html | undefined {
  if (status.state !== 'denied' || status.reason === undefined) return undefined;
  return html`<blockquote>${status.reason}</blockquote>`;
}

/** Everything decided on it, those of older revisions too. */
export function decisionList(c: AccessCase, { now, policy }: Moment): Html | undefined {
  if (c.decisions.length === 0) return undefined;
  const voices = spokenFor(c.request.lines, approvalsIn(c));
  const items = c.decisions.map((one) => {
    const voice = one.revision === c.request.revision ? voices.get(one.person) : undefined;
    const place =
      voice === undefined || voice === one.person ? undefined : ` in the place of ${personName(policy, voice)}`;
    const how = one.steppedUpAt === undefined ? undefined : ', with a fresh sign-in';
    const old = one.revision < c.request.revision ? ' This no longer counts: less was approved since.' : undefined;
    const verb = one.verdict === 'approve' ? 'approved' : 'denied';
    return html`<li>${personName(policy, one.person)} ${verb} at ${timeText(one.at, now)}${place}${how}.${old}</li>`;
  });
  return html`<h2>Decisions</h2><ul>${items}</ul>`;
}
