/** Owns telling a person that a click was refused: the sentence by the case as it is now, and the message redrawn. */
import type { Refusal, RequestId } from '@sallyport/core';
import type { Desk } from '../desk.ts';
import type { Actor } from '../identity.ts';
import type { Speak } from '../speak.ts';
import { confirmOnPageButton } from '../views/case-buttons.ts';
import { sentenceFor } from '../views/sentences.ts';

/** Refusals that mean: what they see is not how it is. */
const SEES_OLD = new Set<Refusal['code']>(['request_closed', 'stale_revision', 'already_decided', 'grant_ended']);

/** Says why not. A delivery that came twice is not told twice. */
export async function tellRefused(
  desk: Desk,
  refusal: Refusal,
  about: { readonly request: RequestId; readonly actor: Actor },
  speak: Speak,
): Promise<void> {
  if (refusal.code === 'replayed') return;
  if (SEES_OLD.has(refusal.code)) desk.redraw(about.request, { force: true });
  const now = await desk.ledger.find(about.request);
  const telling = now === undefined ? {} : { policy: now.at.policy, case: now.value };
  const page = now === undefined ? undefined : desk.pageOf(now.at.policy, about.request);
  const confirm =
    refusal.code === 'step_up_required' && page !== undefined ? [confirmOnPageButton(about.request, page)] : [];
  await speak(sentenceFor(refusal, { ...telling, account: about.actor }), confirm);
}
