/** Owns a message that is one sentence, with a row of buttons or without. */
import type { Instant } from '@sallyport/core';
import { type Block, type Button, buttonRow } from '../views/blocks.ts';
import { messageText, type Sentence, sentenceBlock } from '../views/sentence.ts';

export interface Said {
  readonly text: string;
  readonly blocks: Block[];
  readonly parse: 'none';
  readonly link_names: false;
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

/** What `chat.postMessage` is handed beside the channel. Nothing in it mentions, links or unfurls by itself. */
export function said(sentence: Sentence, now: Instant, buttons: readonly Button[] = []): Said {
  return {
    text: messageText(sentence, now),
    blocks: [sentenceBlock(sentence, now), ...buttonRow(buttons)],
    parse: 'none',
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  };
}
