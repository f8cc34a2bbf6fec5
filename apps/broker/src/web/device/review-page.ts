/** The page that shows exactly what a device asks, and who would have to approve, before anything happens. */
import {
  type Answer,
  clampedDuration,
  type DeviceAuthorization,
  decisionsInForce,
  evaluate,
  type Moment,
  type PersonEntry,
  person,
  type Refusal,
  type Resource,
  type Result,
  type Role,
  tally,
  userCodeText,
  type Verdict,
} from '@sallyport/core';
import { problemOf } from '../../api/problem.ts';
import { type Html, html } from '../html.ts';
import { type Page, tokenField } from '../page.ts';
import { lineText } from '../who-decides.ts';
import { lengthText, timeText } from '../words.ts';

export interface Review {
  readonly who: NonNullable<Page['who']>;
  readonly entry: PersonEntry;
  readonly device: DeviceAuthorization;
  readonly resource: Resource;
  readonly found: Result<Answer, Refusal>;
  readonly at: Moment;
  /** What was typed before, and what is wrong with it. */
  readonly reason?: string;
  readonly problem?: string;
}

/** Renders it. Where nothing can come of it, only turning it away is left. */
export function reviewPage(review: Review): Page {
  const { who, device, found, problem } = review;
  const outcome = found.ok ? outcomeOf(review, found.value) : impossible(found.error);
  const title = 'Let this device have access?';
  const main = html`<h1>${title}</h1>
<div class="card warn"><p><b>Continue only if you started this yourself, just now,</b> and your device shows this code:</p>
<p class="big code">${userCodeText(device.userCode)}</p>
<p>If somebody sent you here with a code, stop: they would get this access in your name.</p></div>
<div class="card"><dl>${facts(review)}</dl></div>
<h2>What happens then</h2>${outcome.says}
<form method="post" action="/device/${device.id}">${tokenField(who.formToken)}
${outcome.asksWhy === undefined ? undefined : reasonField(review, outcome.asksWhy)}
<div class="actions">${outcome.possible ? html`<button class="main" name="choice" value="continue">Continue</button>` : undefined}
<button name="choice" value="deny">Deny</button></div></form>`;
  return { title, main, who, ...(problem === undefined ? {} : { status: 400 }) };
}

function facts({ device, resource, found, entry }: Review): Html {
  const role = found.ok && found.value.kind === 'open' ? found.value.role : undefined;
  const length = role === undefined ? undefined : lengthText(clampedDuration(role, device.requestedDuration));
  const { details = [] } = device;
  return html`<dt>Program</dt><dd class="code">${device.clientId}</dd>
<dt>Access</dt><dd>${role === undefined ? undefined : html`<b>${role.id}</b> on `}<b>${resource.name}</b>${resource.risk === 'high' ? ' (high risk)' : undefined}</dd>
<dt>Scopes</dt><dd class="code">${device.scopes.join(' ')}</dd>
${details.map((detail) => html`<dt>Only for</dt><dd class="code">${JSON.stringify(detail)}</dd>`)}
${length === undefined ? undefined : html`<dt>For</dt><dd>${length}, from approval</dd>`}
<dt>As</dt><dd>${entry.name} <span class="code">(${entry.id})</span></dd>`;
}

interface Outcome {
  readonly says: Html;
  readonly possible: boolean;
  /** Whether to ask for a reason, and how long it must be. */
  readonly asksWhy?: number;
}

/** By the very evaluation that will decide. */
function outcomeOf(review: Review, found: Answer): Outcome {
  switch (found.kind) {
    case 'issue':
      return { possible: true, says: alreadyHas(found, review.at) };
    case 'wait':
      return { possible: true, says: alreadyAsked(found) };
    case 'open':
      return opens(review, verdictOn(review, found.role));
  }
}

function alreadyHas({ from: { grant } }: Extract<Answer, { kind: 'issue' }>, { now }: Moment): Html {
  const until = grant === undefined ? undefined : html` until ${timeText(grant.expiresAt, now)}`;
  return html`<p>You have this access already${until}. Your device gets it at once.</p>`;
}

function alreadyAsked({ on }: Extract<Answer, { kind: 'wait' }>): Html {
  const approvals = decisionsInForce(on).filter((one) => one.verdict === 'approve');
  const { given, required } = tally(on.request.lines, approvals);
  return html`<p>You have asked for this already: ${given} of ${required} approvals. Your device waits for that request; nobody is asked again.</p>`;
}

function verdictOn({ entry, resource, at }: Review, role: Role): Verdict {
  const subject = person(entry.id);
  return evaluate(at.policy, { subject, requester: subject, resource: resource.id, role: role.id });
}

function opens({ entry, at }: Review, verdict: Verdict): Outcome {
  if (verdict.kind === 'auto_approved')
    return {
      possible: true,
      says: html`<p>Nobody has to approve: the policy gives it to you at once. It is written down.</p>`,
    };
  if (verdict.kind !== 'needs_approval') return { possible: false, says: html`<p>The policy does not allow it.</p>` };
  const subject = person(entry.id);
  const asking = { subject, requester: subject };
  const count = verdict.rule.approvals.reduce((sum, line) => sum + line.count, 0);
  const lines = verdict.rule.approvals.map((line) => html`<li>${lineText(at.policy, asking, line)}</li>`);
  return {
    possible: true,
    asksWhy: verdict.rule.justificationMinLength,
    says: html`<p>You need ${count} ${count === 1 ? 'approval' : 'approvals'}:</p><ul>${lines}</ul>
<p>They are asked at once and have ${lengthText(verdict.rule.pendingTtl)}. Your device gets its access when they have said yes.</p>`,
  };
}

function impossible(refusal: Refusal): Outcome {
  const { title, detail } = problemOf(refusal);
  return { possible: false, says: html`<div class="card bad"><p><b>${title}.</b> ${detail}</p></div>` };
}

function reasonField({ reason, device, problem }: Review, minLength: number): Html {
  const text = reason ?? device.reason ?? '';
  const hint =
    minLength === 0
      ? 'They read it before they decide.'
      : `At least ${minLength} characters. They read it before they decide.`;
  const invalid = problem === undefined ? undefined : html` aria-invalid="true"`;
  return html`<label for="reason">Why do you need it?</label><p class="hint" id="hint">${hint}</p>
${problem === undefined ? undefined : html`<p class="problem" id="problem" role="alert">${problem}</p>`}
<textarea id="reason" name="reason" maxlength="2000" aria-describedby="hint${problem === undefined ? '' : ' problem'}"${invalid}${minLength > 0 ? html` required minlength="${minLength}"` : undefined}>
${text}</textarea>`;
}
