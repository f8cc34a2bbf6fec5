/** Owns saying one sentence to a person by direct message, where the click itself gave no way to answer. Behind, never awaited. */
import { type Instant, instant } from '@sallyport/core';
import type { Logger } from '@sallyport/platform';
import { type Button, buttonRow } from '../views/blocks.ts';
import { messageText, type Sentence, sentenceBlock } from '../views/sentence.ts';
import type { WebClient } from './clients.ts';
import type { Places } from './places.ts';

export type Tell = (user: string, sentence: Sentence, buttons?: readonly Button[]) => void;

export interface TellDeps {
  readonly client: WebClient;
  readonly places: Places;
  readonly logger: Logger;
  readonly now?: () => Instant;
}

const AT_ONCE_MAX = 20;

/** Makes it. What cannot be said is logged: nobody waits for it. */
export function makeTell({ client, places, logger, now = () => instant(Date.now()) }: TellDeps): Tell {
  let running = 0;
  return (user, sentence, buttons = []) => {
    if (running >= AT_ONCE_MAX) return logger.warn('slack.tell_skipped', { user });
    running += 1;
    const say = async (): Promise<void> => {
      const channel = await places.directMessage(user);
      await client.chat.postMessage({
        channel,
        text: messageText(sentence, now()),
        blocks: [sentenceBlock(sentence, now()), ...buttonRow(buttons)],
        parse: 'none',
        link_names: false,
        unfurl_links: false,
        unfurl_media: false,
      });
    };
    say()
      .catch((err: unknown) => logger.warn('slack.tell_failed', { user, err }))
      .finally(() => {
        running -= 1;
      });
  };
}
