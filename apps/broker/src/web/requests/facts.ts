/** What is asked, as its page shows it: derived facts first; the requester's own words are a quote, and cannot look like anything else. */
import { type AccessRequest, type Moment, type Policy, type Principal, resourceById, roleOf } from '@sallyport/core';
import { type Html, html } from '../html.ts';
import { lengthText, principalName, timeText } from '../words.ts';

const RISK = { low: 'Low risk', medium: 'Medium risk', high: 'High risk' } as const;

/** "admin on Orders database (production)". */
export function whatText(policy: Policy, { access }: Pick<AccessRequest, 'access'>): string {
  return `${access.role} on ${resourceName(policy, access)}`;
}

/** The facts, and the reason given. */
export function factsOf(request: AccessRequest, { policy, now }: Moment): Html {
  const { access, actor, ticket, bindingMessage, notBefore } = request;
  const resource = resourceById(policy, access.resource);
  const role = resource === undefined ? undefined : roleOf(resource, access.role);
  return html`<div class="card"><dl>
${row('From', principalWithId(policy, request.requester))}
${row('For', principalWithId(policy, request.subject))}
${actor === undefined ? undefined : row('Acting for them', principalWithId(policy, actor))}
${row('Access', html`<b>${access.role}</b> on <b>${resourceName(policy, access)}</b>`)}
${resource?.description === undefined ? undefined : row('What it is', resource.description)}
${role?.description === undefined ? undefined : row('Allows', role.description)}
${row('Scopes', html`<span class="code">${access.scopes.join(' ')}</span>`)}
${(access.details ?? []).map((detail) => row('Limited to', html`<span class="code">${JSON.stringify(detail)}</span>`))}
${row('For how long', lengthText(request.duration))}
${notBefore === undefined ? undefined : row('Starting', timeText(notBefore, now))}
${ticket === undefined ? undefined : row('Ticket', ticket)}
${bindingMessage === undefined ? undefined : row('Shown to them', bindingMessage)}
${resource === undefined ? undefined : row('Risk', RISK[resource.risk])}
${row('Asked at', timeText(request.openedAt, now))}
${row('Rule', request.ruleId)}
${row('Request', html`<span class="code">${request.id}</span>`)}
${row('Revision', String(request.revision))}
</dl></div>
<h2>Why, in their own words</h2>${request.justification === '' ? html`<p class="hint">They gave no reason.</p>` : html`<blockquote>${request.justification}</blockquote>`}`;
}

function row(label: string, value: Html | string): Html {
  return html`<dt>${label}</dt><dd>${value}</dd>`;
}

function resourceName(policy: Policy, { resource }: AccessRequest['access']): string {
  return policy.resources.find((one) => one.id === resource)?.name ?? resource;
}

function principalWithId(policy: Policy, principal: Principal): Html {
  const name = principalName(policy, principal);
  const kind = principal.kind === 'workload' ? 'pipeline ' : '';
  return name === principal.id
    ? html`${kind}<span class="code">${principal.id}</span>`
    : html`${name} <span class="code">(${principal.id})</span>`;
}
