/** Owns the card that stands for many: what one requester has pending in a channel, when that is too much for a card each. */
import { DIGEST_OVER } from '@sallyport/core';
import { progressOf } from './approvals.ts';
import { type Block, context, header, type Message } from './blocks.ts';
import { lengthText, principalName, what } from './names.ts';
import type { Drawn } from './phase.ts';
import { messageText, type Sentence, sentenceBlock } from './sentence.ts';

const LISTED_MAX = 10;

/** `anchor` names the requester; `pending`, newest first, is what waits in this channel; `flooded`: a card each would be too much. */
export function digestCard(anchor: Drawn, pending: readonly Drawn[], flooded: boolean): Message {
  const name = principalName(anchor.at.policy, anchor.case.request.requester);
  const { now } = anchor.at;
  if (!flooded) {
    const line: Sentence = [`${name} has few enough requests waiting again: each has its own card.`];
    return { text: messageText(line, now), blocks: [sentenceBlock(line, now)] };
  }
  const title = `${pending.length} request${pending.length === 1 ? '' : 's'} from ${name} waiting here`;
  return { text: messageText([`${title}.`], now), blocks: [header(title), ...lines(pending), more(pending.length)] };
}

function lines(pending: readonly Drawn[]): readonly Block[] {
  return pending.slice(0, LISTED_MAX).map(({ case: c, at }) => {
    const { given, required } = progressOf(at.policy, c);
    const { access, duration, id, expiresAt } = c.request;
    const asked = `${what(at.policy, access)} for ${lengthText(duration)}. ${given} of ${required} approvals. Expires `;
    return sentenceBlock([asked, { at: expiresAt }, `. ${id}`], at.now);
  });
}

function more(count: number): Block {
  const rest = count > LISTED_MAX ? `And ${count - LISTED_MAX} more. ` : '';
  return context(`${rest}Above ${DIGEST_OVER} at once they share this card. Decide each in the Home tab of this app.`);
}
