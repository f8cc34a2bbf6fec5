/** Owns answering a form: the work first, then the acknowledgement with its outcome; when it is slow, "Still sending …" and later the rest. */
import { type Instant, instant } from '@sallyport/core';
import { withDeadline } from '@sallyport/platform';
import type { ViewResponseAction } from '@slack/bolt';
import type { Desk } from '../desk.ts';
import { blocksOf, type SeenSubmission, type SeenView } from '../payload.ts';
import type { ModalView } from '../views/blocks.ts';
import { limits } from '../views/limits.ts';
import { noteView } from '../views/note-view.ts';
import { plainSentence, type Sentence } from '../views/sentence.ts';
import { SAY } from '../views/sentences.ts';
import { cut } from '../views/text.ts';

export interface Submitted {
  readonly body: unknown;
  readonly ack: (response?: ViewResponseAction) => Promise<void>;
}

/** What became of a form. */
export type Answered =
  | { readonly kind: 'close' }
  | { readonly kind: 'view'; readonly view: ModalView }
  /** By block id. */
  | { readonly kind: 'errors'; readonly errors: Readonly<Record<string, Sentence>> };

export interface FormFacts {
  readonly title: string;
  /** The block an error goes to when its own is not in the form. */
  readonly block: string;
}

/** Slack waits 3 s; what takes longer than this is finished after the acknowledgement. */
const WORK_MS = 2_000;

/** Runs the work and acknowledges once, in time. A fault is an error in the form: nothing changed. */
export async function inTime(
  desk: Desk,
  sent: SeenSubmission,
  ack: Submitted['ack'],
  work: () => Promise<Answered>,
  form: FormFacts,
): Promise<void> {
  const outcome = work().catch((err: unknown): Answered => {
    desk.logger.error('slack.form_failed', { user: sent.actor.user, err });
    return { kind: 'errors', errors: { [form.block]: SAY.notSavedForm } };
  });
  const first = await withDeadline(outcome, WORK_MS, 'the form').catch(() => undefined);
  if (first !== undefined) return ack(responseFor(first, sent.view, form));
  await ack({ response_action: 'update', view: noteView(SAY.sending, { title: form.title }) });
  await finish(desk, sent, await outcome, form);
}

/** The rest, when the acknowledgement could not wait for it. */
async function finish(desk: Desk, sent: SeenSubmission, answered: Answered, { title }: FormFacts): Promise<void> {
  const view = lateView(answered, title);
  try {
    if (sent.view.id === undefined) throw new Error('a form without an id');
    await desk.client.views.update({ view_id: sent.view.id, view });
  } catch (err) {
    desk.logger.warn('slack.late_view_failed', { err });
    if (answered.kind === 'errors') desk.tell(sent.actor.user, Object.values(answered.errors)[0] ?? SAY.notSavedForm);
  }
}

function lateView(answered: Answered, title: string): ModalView {
  if (answered.kind === 'view') return answered.view;
  if (answered.kind === 'close') return noteView(SAY.done, { title });
  return noteView(Object.values(answered.errors)[0] ?? SAY.notSavedForm, { title, now: clock() });
}

/** An error may name only a block of the form, or Slack shows none of them. */
function responseFor(answered: Answered, seen: SeenView, form: FormFacts): ViewResponseAction | undefined {
  if (answered.kind === 'close') return undefined;
  if (answered.kind === 'view') return { response_action: 'update', view: answered.view };
  const blocks = blocksOf(seen);
  const fallback = blocks.includes(form.block) ? form.block : (blocks[0] ?? form.block);
  const errors: Record<string, string> = {};
  for (const [block, sentence] of Object.entries(answered.errors)) {
    errors[blocks.includes(block) ? block : fallback] = cut(plainSentence(sentence, clock()), limits.fieldError);
  }
  return { response_action: 'errors', errors };
}

function clock(): Instant {
  return instant(Date.now());
}
