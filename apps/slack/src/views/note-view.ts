/** Owns modals that only say something: no field, nothing to send, at most a row of buttons. */
import { type Instant, instant } from '@sallyport/core';
import { VIEWS } from '../action-ids.ts';
import { type Block, type Button, buttonRow, type ModalView, plain } from './blocks.ts';
import { limits } from './limits.ts';
import { type Sentence, sentenceBlock } from './sentence.ts';

export interface NoteOptions {
  readonly title?: string;
  /** For the dates in it. */
  readonly now?: Instant;
  readonly buttons?: readonly Button[];
  readonly more?: readonly Block[];
}

/** A modal with one sentence. */
export function noteView(sentence: Sentence, options: NoteOptions = {}): ModalView {
  return {
    type: 'modal',
    callback_id: VIEWS.note,
    title: plain(options.title ?? 'Request access', limits.viewTitle),
    close: plain('Close', limits.viewTitle),
    blocks: [
      sentenceBlock(sentence, options.now ?? instant(0)),
      ...(options.more ?? []),
      ...buttonRow(options.buttons ?? []),
    ],
  };
}
