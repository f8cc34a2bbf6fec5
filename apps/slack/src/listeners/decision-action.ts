/** Approve, and the first half of Deny and of Approve for less: one decision, or the form that asks for the rest of it. */
import type { Refusal, Result, Written } from '@sallyport/core';
import { attribution, clickOnce, type Desk } from '../desk.ts';
import { readClick } from '../payload.ts';
import { denyFormView } from '../views/deny-modal-view.ts';
import { lessFormView } from '../views/less-modal-view.ts';
import { deciderOf, openDecisionForm, wouldRefuse } from './decider.ts';
import { answering, type Heard } from './heard.ts';
import { tellRefused } from './refused.ts';

/** Approve: one transaction, then the acknowledgement; words only if it was refused. The card says the rest. */
export async function approve(desk: Desk, { body, ack, respond }: Heard): Promise<void> {
  const click = readClick(body);
  await answering(desk, { user: click.actor.user, respond, ack }, async (speak) => {
    const who = await deciderOf(desk, click, speak);
    if (who === undefined) return;
    const { request } = who.case;
    const by = attribution(click.actor, who.person);
    const command = { requestId: request.id, person: who.person, verdict: 'approve', revision: who.revision } as const;
    const decided = await desk.recordDecision({ ...command, hideFromStrangers: false }, by, clickOnce(click));
    count(desk, 'approve', decided);
    if (decided.ok) desk.redraw(request.id, { force: false });
    else await tellRefused(desk, decided.error, { request: request.id, actor: click.actor }, speak);
  });
}

/** Deny: the form that asks why, unless this person could not deny anyway. */
export function deny(desk: Desk, heard: Heard): Promise<void> {
  const refusal = (at: Desk, who: Parameters<typeof wouldRefuse>[1]) => wouldRefuse(at, who, 'deny');
  return openDecisionForm(desk, heard, { attempted: 'decide', refusal, view: denyFormView });
}

/** Approve for less: the form. Somebody who approved already may still approve for less. */
export function approveLess(desk: Desk, heard: Heard): Promise<void> {
  const refusal = (at: Desk, who: Parameters<typeof wouldRefuse>[1]) => {
    const no = wouldRefuse(at, who, 'approve');
    return no?.code === 'already_decided' ? undefined : no;
  };
  return openDecisionForm(desk, heard, { attempted: 'decide', refusal, view: lessFormView });
}

/** Counts a decision, and what became of it. */
export function count(desk: Desk, verdict: 'approve' | 'deny', decided: Result<Written, Refusal>): void {
  const result = decided.ok ? (decided.value.changed ? 'recorded' : 'unchanged') : decided.error.code;
  desk.metrics.decisionsTotal.inc({ verdict, result });
}
