/** Owns what stands before every decision: a click that counts, by a person we know, who may; and opening a form on it. */
import { decideRequest, type PersonId, type Refusal } from '@sallyport/core';
import { type Desk, note } from '../desk.ts';
import { readClick, type SeenClick } from '../payload.ts';
import type { Speak } from '../speak.ts';
import type { ModalView } from '../views/blocks.ts';
import { riskOf } from '../views/names.ts';
import type { Drawn } from '../views/phase.ts';
import { SAY } from '../views/sentences.ts';
import { type Counted, countedClick } from './clicked.ts';
import { answering, type Heard } from './heard.ts';
import { tellRefused } from './refused.ts';
import { personOrTell } from './who.ts';

export interface Decider extends Counted {
  readonly person: PersonId;
  readonly revision: number;
}

/** A click that counts, by a person we know; else they were told. */
export async function deciderOf(desk: Desk, click: SeenClick, speak: Speak): Promise<Decider | undefined> {
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

/** A form about a request, unless this person would be refused anyway: then they are told at once. */
export interface DecisionForm {
  readonly attempted: string;
  readonly refusal: (desk: Desk, who: Decider) => Refusal | undefined;
  readonly view: (drawn: Drawn) => ModalView;
}

/** Opens the form a button of a card stands for. */
export async function openDecisionForm(desk: Desk, { body, ack, respond }: Heard, form: DecisionForm): Promise<void> {
  const click = readClick(body);
  await answering(desk, { user: click.actor.user, respond, ack }, async (speak) => {
    const who = await deciderOf(desk, click, speak);
    if (who === undefined) return;
    const { id } = who.case.request;
    const refusal = form.refusal(desk, who);
    if (refusal !== undefined) {
      await note(desk, refusal, click.actor, { attempted: form.attempted, requestId: id, person: who.person });
      await tellRefused(desk, refusal, { request: id, actor: click.actor }, speak);
      return;
    }
    await openView(desk, click.triggerId, form.view({ case: who.case, at: who.at }), speak);
  });
}

/** Opens a modal, or says that Slack was too slow. */
export async function openView(
  desk: Desk,
  triggerId: string | undefined,
  view: ModalView,
  speak: Speak,
): Promise<void> {
  if (triggerId === undefined) return speak(SAY.modalTooLate);
  try {
    await desk.client.views.open({ trigger_id: triggerId, view });
  } catch (err) {
    desk.logger.warn('slack.form_not_opened', { err });
    await speak(SAY.modalTooLate);
  }
}

/** The same pure decision as on sending, tried on the case as it was read; nothing is written. */
export function wouldRefuse(desk: Desk, who: Decider, verdict: 'approve' | 'deny'): Refusal | undefined {
  const ids = { id: desk.chance.decisionId(), grantId: desk.chance.grantId() };
  const command = { kind: 'decide', ...ids, person: who.person, verdict, revision: who.revision } as const;
  const judged = decideRequest(who.case, command, who.at, desk.hashing.digestOf);
  return judged.ok ? undefined : judged.error;
}
