/** Owns the direct message when somebody approved less: to whoever asked, and to those whose approval no longer counts. */
import { decisionsInForce, type PersonId, scopeText } from '@sallyport/core';
import { narrowerOf, progressOf } from './approvals.ts';
import { buttonRow, context, type Message } from './blocks.ts';
import { cancelButton, openCardButton } from './case-buttons.ts';
import { lengthText, personName, what } from './names.ts';
import { type Drawn, phaseOf } from './phase.ts';
import { messageText, type Sentence, sentenceBlock } from './sentence.ts';

/** Whose approval of an earlier revision is void now, and who has not decided on this one. */
export function voidedVoices({ case: c }: Drawn): readonly PersonId[] {
  const now = decisionsInForce(c).map((one) => one.person);
  const before = c.decisions.filter((one) => one.revision < c.request.revision).map((one) => one.person);
  return [...new Set(before)].filter((id) => !now.includes(id));
}

/** "Bob Berg approved less than was asked: admin on …, 15 minutes, orders:read." and what that means for the reader. */
export function revisedMessage(
  drawn: Drawn,
  to: { readonly reader: 'asker' | 'voided'; readonly cardUrl: string | undefined },
): Message {
  const { case: c, at } = drawn;
  const line: Sentence = [...lessLine(drawn), ...(phaseOf(drawn) === 'pending' ? meaning(drawn, to.reader) : [])];
  return {
    text: messageText([...line, ` ${c.request.id}`], at.now),
    blocks: [
      sentenceBlock(line, at.now),
      context(`${what(at.policy, c.request.access)} · ${c.request.id}`),
      ...buttonRow(buttonsFor(drawn, to)),
    ],
  };
}

/** "Bob Berg approved less than was asked: 15 minutes, orders:read." With when, for the thread. Empty while it is as it was asked. */
export function lessLine({ case: c, at: { policy } }: Drawn, withTime = false): Sentence {
  const narrower = narrowerOf(c);
  if (narrower === undefined) return [];
  const { duration, access } = c.request;
  return [
    `${personName(policy, narrower.person)} approved less than was asked`,
    ...(withTime ? [' at ', { at: narrower.at }] : []),
    `: ${lengthText(duration)}, ${scopeText(access.scopes)}.`,
  ];
}

function meaning({ case: c, at: { policy } }: Drawn, reader: 'asker' | 'voided'): Sentence {
  if (reader === 'voided') return [' Your approval was for more and no longer counts. Look at it again.'];
  const { given, required, waitingFor } = progressOf(policy, c);
  return [` ${given} of ${required} approvals. Waiting for: ${waitingFor}.`];
}

function buttonsFor(drawn: Drawn, { reader, cardUrl }: Parameters<typeof revisedMessage>[1]) {
  if (phaseOf(drawn) !== 'pending') return [];
  if (reader === 'asker') return [cancelButton(drawn)];
  return cardUrl === undefined ? [] : [openCardButton(drawn, cardUrl)];
}
