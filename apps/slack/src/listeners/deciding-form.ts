/** Owns what the forms about a request share: whose it is, which request at which revision, and how a no is shown in it. */
import type { AccessCase, Moment, PersonId, Refusal, RequestId } from '@sallyport/core';
import { type ClickValue, parseValue } from '../action-ids.ts';
import { type Desk, note } from '../desk.ts';
import type { SeenSubmission } from '../payload.ts';
import { riskOf } from '../views/names.ts';
import type { Sentence } from '../views/sentence.ts';
import { SAY, sentenceFor } from '../views/sentences.ts';
import type { Answered } from './submitted.ts';

/** A form by somebody we know, about a request that is there. */
export interface FormAbout {
  readonly person: PersonId;
  readonly value: Extract<ClickValue, { kind: 'request' }> & { readonly revision: number };
  readonly case: AccessCase;
  readonly at: Moment;
}

/** Reads who sent which form about what; a no is an error under `block`. The case is only read: what counts is decided again. */
export async function formAbout(
  desk: Desk,
  sent: SeenSubmission,
  how: { readonly attempted: string; readonly block: string },
): Promise<FormAbout | Answered> {
  const value = parseValue(sent.view.private_metadata);
  if (value?.kind !== 'request' || value.revision === undefined) return no(how.block, SAY.formOutOfDate);
  const seen = await desk.ledger.find(value.request);
  const live = seen === undefined || riskOf(seen.at.policy, seen.value.request.access.resource) === 'high';
  const who = await desk.identities.identify(sent.actor, { live });
  if (!who.ok) {
    await note(desk, who.error, sent.actor, { attempted: how.attempted, requestId: value.request });
    return no(how.block, sentenceFor(who.error, { account: sent.actor }));
  }
  if (seen === undefined) return no(how.block, SAY.formOutOfDate);
  const { revision } = value;
  return { person: who.value.person, value: { ...value, revision }, case: seen.value, at: seen.at };
}

/** Whether `formAbout` said no already. */
export function isAnswered(about: FormAbout | Answered): about is Answered {
  return !('person' in about);
}

/** What a refusal is in the form. A delivery that came twice is no news. */
export async function refusedIn(desk: Desk, request: RequestId, refusal: Refusal, block: string): Promise<Answered> {
  if (refusal.code === 'replayed') return { kind: 'close' };
  desk.redraw(request, { force: true });
  const now = await desk.ledger.find(request);
  return no(block, sentenceFor(refusal, now === undefined ? {} : { policy: now.at.policy, case: now.value }));
}

/** One sentence under one block. */
export function no(block: string, sentence: Sentence): Answered {
  return { kind: 'errors', errors: { [block]: sentence } };
}
