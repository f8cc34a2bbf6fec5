/** Owns what approvers and those above them are told while nobody decides: reminder, nudge, escalation. Redrawn when it is decided. */
import { between, type Duration, minutes, type PersonId } from '@sallyport/core';
import { allLines, countsFor, progressOf } from './approvals.ts';
import { buttonRow, context, type Message } from './blocks.ts';
import { approveButton, denyButton, detailsButton, openCardButton } from './case-buttons.ts';
import { lengthText, principalName } from './names.ts';
import { type Drawn, phaseOf, statusLine } from './phase.ts';
import { askedBlocks, asksFor } from './request-card.ts';
import { messageText, type Sentence, sentenceBlock } from './sentence.ts';

/** To whom it is said, and where the card is. */
export interface ReminderOptions {
  readonly reader: PersonId;
  readonly cardUrl?: string;
}

/** "Still waiting for you: …" to an approver who has not decided. */
export function reminderMessage(drawn: Drawn, options: ReminderOptions): Message {
  return whilePending(drawn, options, [
    'Still waiting for you: ',
    ...asksFor(drawn),
    ...standing(drawn, options.reader),
  ]);
}

/** The same, because the requester asked for it. */
export function nudgeMessage(drawn: Drawn, options: ReminderOptions): Message {
  const { case: c, at } = drawn;
  const line = [`${principalName(at.policy, c.request.requester)} asks again. `, ...asksFor(drawn)];
  return whilePending(drawn, options, [...line, ...standing(drawn, options.reader)]);
}

/** To those a rule names when nobody decides: how long it waits, and who can decide. Gives no say, so no buttons to decide. */
export function escalationMessage(drawn: Drawn, options: ReminderOptions): Message {
  const { case: c, at } = drawn;
  const { request } = c;
  const waited = lengthText(roundedToMinutes(between(request.openedAt, at.now)));
  const line: Sentence = [
    `Nobody has decided for ${waited}: `,
    ...asksFor(drawn),
    ` ${allLines(at.policy, request)} can decide. Expires `,
    { at: request.expiresAt },
    '.',
  ];
  return phaseOf(drawn) === 'pending' ? message(drawn, line, options, false) : decided(drawn);
}

function whilePending(drawn: Drawn, options: ReminderOptions, line: Sentence): Message {
  return phaseOf(drawn) === 'pending' ? message(drawn, line, options, true) : decided(drawn);
}

/** " 1 of 2 approvals. Your approval counts for: dba. Expires 18:30." */
function standing({ case: c, at }: Drawn, reader: PersonId): Sentence {
  const { given, required } = progressOf(at.policy, c);
  const lines = countsFor(at, c.request, reader);
  const counts = lines === '' ? '' : ` Your approval counts for: ${lines}.`;
  return [` ${given} of ${required} approvals.${counts} Expires `, { at: c.request.expiresAt }, '.'];
}

function decided(drawn: Drawn): Message {
  return message(drawn, [...asksFor(drawn, 'asked'), ' ', ...statusLine(drawn)], {}, false);
}

function message(drawn: Drawn, line: Sentence, { cardUrl }: Partial<ReminderOptions>, decides: boolean): Message {
  const { id } = drawn.case.request;
  // Without a card to open, this is where it can be decided.
  const here = decides ? [approveButton(drawn), denyButton(drawn), detailsButton(drawn)] : [];
  const buttons = cardUrl === undefined ? here : [openCardButton(drawn, cardUrl)];
  return {
    text: messageText([...line, ` ${id}`], drawn.at.now),
    blocks: [
      sentenceBlock(line, drawn.at.now),
      // Who is only told that nobody decides may not be among those who see why it was asked.
      ...(decides ? askedBlocks(drawn) : [context(id)]),
      ...buttonRow(buttons),
    ],
  };
}

const MINUTE_MS = 60_000;

function roundedToMinutes(length: Duration): Duration {
  return minutes(Math.max(1, Math.round(length / MINUTE_MS)));
}
