/** Owns the direct message to an approver: that their approval is wanted, for which line, and where the card is. */
import type { PersonId } from '@sallyport/core';
import { countsFor } from './approvals.ts';
import { type Button, buttonRow, context, type Message } from './blocks.ts';
import { openCardButton, openPageButton } from './case-buttons.ts';
import { type Drawn, phaseOf, statusLine } from './phase.ts';
import { askedBlocks, asksFor, requestCard } from './request-card.ts';
import { messageText, type Sentence, sentenceBlock } from './sentence.ts';

/** `cardUrl` absent: no card could be linked; the message then is a card itself if `asCard` says so. */
export interface ApproverMessageOptions {
  readonly approver: PersonId;
  readonly cardUrl?: string;
  /** There is no card in a channel: this message is one, with its buttons. */
  readonly asCard: boolean;
}

/** "… Your approval counts for: dba." [Open the card]; redrawn when decided. */
export function approverMessage(drawn: Drawn, { approver, cardUrl, asCard }: ApproverMessageOptions): Message {
  const line = approverLine(drawn, approver);
  const text = messageText([...line, ` ${drawn.case.request.id}`], drawn.at.now);
  if (asCard) return { text, blocks: [...requestCard(drawn).blocks, ...countsBlock(drawn, approver)] };
  const { pageUrl } = drawn;
  const link: readonly Button[] = [
    ...(cardUrl === undefined ? [] : [openCardButton(drawn, cardUrl)]),
    ...(pageUrl === undefined || phaseOf(drawn) !== 'pending' ? [] : [openPageButton(drawn, pageUrl)]),
  ];
  return {
    text,
    blocks: [
      sentenceBlock(line, drawn.at.now),
      ...(phaseOf(drawn) === 'pending' ? askedBlocks(drawn) : [context(drawn.case.request.id)]),
      ...buttonRow(link),
    ],
  };
}

function approverLine(drawn: Drawn, approver: PersonId): Sentence {
  if (phaseOf(drawn) !== 'pending') return [...asksFor(drawn, 'asked'), ' ', ...statusLine(drawn)];
  return [...asksFor(drawn), ...countsText(drawn, approver)];
}

function countsText({ case: { request }, at }: Drawn, approver: PersonId): Sentence {
  const lines = countsFor(at, request, approver);
  return lines === '' ? [] : [` Your approval counts for: ${lines}.`];
}

function countsBlock(drawn: Drawn, approver: PersonId) {
  const lines = countsFor(drawn.at, drawn.case.request, approver);
  return phaseOf(drawn) === 'pending' && lines !== '' ? [context(`Your approval counts for: ${lines}.`)] : [];
}
