/** The forms of a request's page: approve (after a fresh sign-in where the policy wants one), approve for less, deny, cancel, end now. */
import { after, DENY_REASON_LENGTH_MAX, formatDuration, STEP_UP_LIFE } from '@sallyport/core';
import { type Html, html } from '../html.ts';
import { tokenField } from '../page.ts';
import { requestPath } from '../paths.ts';
import { lengthText, principalName, timeText } from '../words.ts';
import { whatText } from './facts.ts';
import { lengthsOf, lessQuery, lessTexts, SCOPES_CHOSEN_MAX } from './less.ts';
import type { SeenRequest } from './seen-request.ts';

/** Where on the page they decide: who comes back to it comes back there. */
export const DECISION = 'decide';

/** What was typed before, and what is wrong with it. */
export interface Typed {
  readonly reason?: string;
  readonly reasonProblem?: string;
}

/** All forms this reader has; nothing for one who can only read. */
export function formsOf(seen: SeenRequest, typed: Typed): Html {
  const { may } = seen;
  return html`${may.decide ? decideForms(seen, typed) : undefined}${may.cancel ? cancelForm(seen) : undefined}${may.end ? endForm(seen) : undefined}`;
}

function decideForms(seen: SeenRequest, typed: Typed): Html {
  return html`<section aria-labelledby="${DECISION}"><h2 id="${DECISION}">Your decision</h2>${approvePart(seen)}
${seen.may.forbidden ? undefined : lessPart(seen)}${denyForm(seen, typed)}</section>`;
}

function approvePart(seen: SeenRequest): Html {
  const { may, less, stepUp, at } = seen;
  if (may.forbidden) return html`<p>The policy does not allow this any more. It can only be denied.</p>`;
  if (may.given !== undefined && less === undefined)
    return html`<p>You approved this at ${timeText(may.given.at, at.now)}. You may still deny it.</p>`;
  if (stepUp !== undefined && stepUp.signedInAt === undefined) return signInPart(seen);
  const until = stepUp?.signedInAt === undefined ? undefined : after(stepUp.signedInAt, STEP_UP_LIFE);
  return html`<form method="post" action="${pathOf(seen)}">${hidden(seen)}${approvedText(seen)}
${until === undefined ? undefined : html`<p>You signed in again for exactly this. Approve it before ${timeText(until, at.now)}.</p>`}
<div class="actions"><button class="main" name="choice" value="approve">Approve</button>${backLink(seen)}</div></form>`;
}

/** Without a script and without a form: leaving for the issuer is a link, so that the page's policy names no other site. */
function signInPart(seen: SeenRequest): Html {
  const { less, case: c } = seen;
  const to = `${pathOf(seen)}/sign-in?${lessQuery(c.request.revision, less)}`;
  return html`<div class="card note">${approvedText(seen)}<p><b>Approving this needs a fresh sign-in.</b> Your identity provider asks who you are, you come back here, and then you approve. Denying needs none.</p>
<div class="actions"><a class="button main" href="${to}">Sign in again to approve</a>${backLink(seen)}</div></div>`;
}

function approvedText({ approving, less, at: { policy } }: SeenRequest): Html {
  const { subject, requester, access, duration } = approving;
  const whom = principalName(policy, requester);
  const target = subject.kind === 'workload' ? `${subject.id} (asked by ${whom})` : whom;
  const left =
    less === undefined
      ? undefined
      : html`<p><b>That is less than was asked.</b> Only <span class="code">${access.scopes.join(' ')}</span>, for ${lengthText(duration)}. Approvals given before no longer count: others look at the smaller ask again. Everybody is told.</p>`;
  return html`<p>What you approve: <b>${whatText(policy, approving)}</b> for ${lengthText(duration)}, for ${target}.</p>${left}`;
}

function backLink(seen: SeenRequest): Html | undefined {
  return seen.less === undefined ? undefined : html`<a class="button" href="${pathOf(seen)}">Back to all of it</a>`;
}

function lessPart(seen: SeenRequest): Html | undefined {
  const { request } = seen.case;
  const lengths = lengthsOf(request);
  const { scopes } = request.access;
  const choosable = scopes.length > 1 && scopes.length <= SCOPES_CHOSEN_MAX;
  if (lengths.length < 2 && !choosable) return undefined;
  const chosen = seen.approving;
  const boxes = scopes.map(
    (scope, place) =>
      html`<label class="choice"><input type="checkbox" name="keep" value="${place}"${chosen.access.scopes.includes(scope) ? html` checked` : undefined}> <span class="code">${scope}</span></label>`,
  );
  const options = lengths.map(
    (length) =>
      html`<option value="${formatDuration(length)}"${length === chosen.duration ? html` selected` : undefined}>${lengthText(length)}${length === request.duration ? ', as asked' : undefined}</option>`,
  );
  return html`<details${seen.lessProblem === undefined ? undefined : html` open`}><summary>Approve for less</summary>
<form method="get" action="${pathOf(seen)}#${DECISION}"><input type="hidden" name="revision" value="${request.revision}">
${seen.lessProblem === undefined ? undefined : html`<p class="problem" role="alert">${seen.lessProblem}</p>`}
<label for="duration">For how long</label><select id="duration" name="duration">${options}</select>
${choosable ? html`<fieldset><legend>Scopes</legend><input type="hidden" name="keep" value="">${boxes}</fieldset>` : undefined}
<div class="actions"><button>See what is left</button></div></form></details>`;
}

function denyForm(seen: SeenRequest, { reason = '', reasonProblem }: Typed): Html {
  const problem =
    reasonProblem === undefined
      ? undefined
      : html`<p class="problem" id="reason-problem" role="alert">${reasonProblem}</p>`;
  const invalid = reasonProblem === undefined ? undefined : html` aria-invalid="true"`;
  return html`<form method="post" action="${pathOf(seen)}">${hidden(seen)}<label for="reason">Why do you deny it?</label>
<p class="hint" id="reason-hint">The requester reads it.</p>${problem}
<textarea id="reason" name="reason" required maxlength="${DENY_REASON_LENGTH_MAX}" aria-describedby="reason-hint${problem === undefined ? '' : ' reason-problem'}"${invalid}>
${reason}</textarea><div class="actions"><button class="bad" name="choice" value="deny">Deny</button></div></form>`;
}

function cancelForm(seen: SeenRequest): Html {
  return html`<form method="post" action="${pathOf(seen)}">${hidden(seen)}<div class="actions"><button name="choice" value="cancel">Cancel request</button></div></form>`;
}

function endForm(seen: SeenRequest): Html {
  return html`<form method="post" action="${pathOf(seen)}">${hidden(seen)}<p>Ending it stops every token that came of it, at once.</p>
<div class="actions"><button class="bad" name="choice" value="end">End now</button></div></form>`;
}

/** That the form is ours, the revision they see, and what is left of it. */
function hidden({ who, case: c, less }: SeenRequest): Html {
  const fields = less === undefined ? [] : lessTexts(less);
  return html`${tokenField(who.session.formToken)}<input type="hidden" name="revision" value="${c.request.revision}">${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}`;
}

function pathOf({ case: c }: SeenRequest): string {
  return requestPath(c.request.id);
}
