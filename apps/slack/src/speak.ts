/** Owns answering a person: once, seen by them alone; by direct message where the click gave no way, or it is used up. */
import { type Instant, instant } from '@sallyport/core';
import type { RespondFn } from '@slack/bolt';
import type { Desk } from './desk.ts';
import { type Button, buttonRow } from './views/blocks.ts';
import { messageText, type Sentence, sentenceBlock } from './views/sentence.ts';

/** Says one sentence, with buttons below where something is to be opened. Never throws. */
export type Speak = (sentence: Sentence, buttons?: readonly Button[]) => Promise<void>;

/** A way to answer this person. `respond` is absent where Slack sent no `response_url`. */
export function speaker(desk: Desk, user: string, respond: RespondFn | undefined): Speak {
  return async (sentence, buttons = []) => {
    const now: Instant = instant(Date.now());
    if (respond === undefined) return desk.tell(user, sentence, buttons);
    try {
      await respond({
        response_type: 'ephemeral',
        replace_original: false,
        text: messageText(sentence, now),
        blocks: [sentenceBlock(sentence, now), ...buttonRow(buttons)],
      });
    } catch (err) {
      desk.logger.warn('slack.respond_failed', { user, err });
      desk.tell(user, sentence, buttons);
    }
  };
}
