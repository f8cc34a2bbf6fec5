/** Approve, and the first half of Deny: who is it, may they, then one decision or the form that asks why. */
import { decideRequest, type PersonId, type Refusal, type Result, type Written } from '@sallyport/core';
import { attribution, clickOnce, type Desk, note } from '../desk.ts';
import { readClick, type SeenClick } from '../payload.ts';
import type { Speak } from '../speak.ts';
import { denyFormView } from '../views/deny-modal-view.ts';
import { riskOf } from '../views/names.ts';
import { SAY } from '../views/sentences.ts';
import { type Counted, countedClick } from './clicked.ts';
import { answering, type Heard } from './heard.ts';
import { tellRefused } from './refused.ts';
import { personOrTell } from './who.ts';

/** Approve: one transaction, then speak only if it was refused. The card says the rest. */
export async function approve(desk: Desk, { body, ack, respond }: Heard): Promise<void> {
  await ack();
  const click = readClick(body);
  await answering(desk, { user: click.actor.user, respond }, async (speak) => {
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
export async function deny(desk: Desk, { body, ack, respond }: Heard): Promise<void> {
  await ack();
  const click = readClick(body);
  await answering(desk, { user: click.actor.user, respond }, async (speak) => {
    const who = await deciderOf(desk, click, speak);
    if (who === undefined) return;
    const { request } = who.case;
    const refusal = wouldRefuse(desk, who);
    if (refusal !== undefined) {
      await note(desk, refusal, click.actor, { attempted: 'decide', requestId: request.id, person: who.person });
      await tellRefused(desk, refusal, { request: request.id, actor: click.actor }, speak);
      return;
    }
    await openDenyForm(desk, click, who, speak);
  });
}

interface Decider extends Counted {
  readonly person: PersonId;
  readonly revision: number;
}

/** A click that counts, by a person we know; else they were told. */
async function deciderOf(desk: Desk, click: SeenClick, speak: Speak): Promise<Decider | undefined> {
  const counted = await countedClick(desk, click, 'decide', speak);
  if (counted === undefined) return undefined;
  const { request } = counted.case;
  if (counted.value.kind !== 'request' || counted.value.revision === undefined) {
    await speak(SAY.outOfDate);
    return undefined;
  }
  const live = riskOf(counted.at.policy, request.access.resource) === 'high';
  const person = await personOrTell(desk, click.actor, { live, attempted: 'decide', requestId: request.id }, speak);
  return person === undefined ? undefined : { ...counted, person, revision: counted.value.revision };
}

/** The same pure decision as on sending, tried on the case as it was read; nothing is written. */
function wouldRefuse(desk: Desk, who: Decider): Refusal | undefined {
  const ids = { id: desk.chance.decisionId(), grantId: desk.chance.grantId() };
  const command = { kind: 'decide', ...ids, person: who.person, verdict: 'deny', revision: who.revision } as const;
  const judged = decideRequest(who.case, command, who.at, desk.hashing.digestOf);
  return judged.ok ? undefined : judged.error;
}

async function openDenyForm(desk: Desk, click: SeenClick, who: Counted, speak: Speak): Promise<void> {
  if (click.triggerId === undefined) return speak(SAY.modalTooLate);
  try {
    await desk.client.views.open({ trigger_id: click.triggerId, view: denyFormView({ case: who.case, at: who.at }) });
  } catch (err) {
    desk.logger.warn('slack.form_not_opened', { err });
    await speak(SAY.modalTooLate);
  }
}

/** Counts a decision, and what became of it. */
export function count(desk: Desk, verdict: 'approve' | 'deny', decided: Result<Written, Refusal>): void {
  const result = decided.ok ? (decided.value.changed ? 'recorded' : 'unchanged') : decided.error.code;
  desk.metrics.decisionsTotal.inc({ verdict, result });
}
