/** Owns the direct messages to whoever asked: the first, redrawn while it waits; the news; the end. */
import { impossible, type PersonId, scopeText } from '@sallyport/core';
import { addressees, progressOf } from './approvals.ts';
import { type Block, type Button, buttonRow, context, type Message } from './blocks.ts';
import { againButton, cancelButton, endNowButton, moreTimeButton, nudgeButton } from './case-buttons.ts';
import { principalName, what } from './names.ts';
import { approvedBy, type Drawn, denierName, isFinal, phaseOf, statusLine, useText } from './phase.ts';
import { reasonOf } from './request-card.ts';
import { lessLine } from './revised-message.ts';
import { messageText, type Sentence, sentenceBlock } from './sentence.ts';

const MINUTE_MS = 60_000;

/** How those who decide were told of it, where that is not as usual. */
export interface HowAsked {
  readonly asked: 'channel' | 'approvers' | 'fallback' | 'nobody';
  /** There is a channel, and it could not take the card. */
  readonly missed: boolean;
}

const BY_MESSAGE = ' The approval channel could not be reached, so the approvers were asked by direct message.';
const BY_FALLBACK = ' No approver could be reached the usual way, so it was posted in the fallback channel.';
const BY_NOBODY = ' No approver could be reached in Slack. Please tell one of them yourself.';

/** "Sent to Bob Berg and dba. Expires 18:30." and what became of that. */
export function firstMessage(drawn: Drawn, how: HowAsked = { asked: 'channel', missed: false }): Message {
  const pending = phaseOf(drawn) === 'pending';
  return message(drawn, firstLine(drawn, how), {
    buttons: pending ? [cancelButton(drawn), nudgeButton(drawn)] : [],
  });
}

function firstLine(drawn: Drawn, how: HowAsked): Sentence {
  const { case: c, at } = drawn;
  const phase = phaseOf(drawn);
  switch (phase) {
    case 'pending': {
      const { given, required, waitingFor } = progressOf(at.policy, c);
      const waits = `${given} of ${required}. Waiting for ${waitingFor}.`;
      if (given > 0) return [waits];
      return [`Sent to ${addressees(at.policy, c.request)}. Expires `, { at: c.request.expiresAt }, `.${unusual(how)}`];
    }
    case 'canceled':
      return ['Canceled.'];
    case 'denied':
      return ['Denied.'];
    case 'undecided':
      return ['Nobody decided in time.'];
    case 'later':
    case 'active':
    case 'revoked':
    case 'over':
      return [approvedBy(drawn)];
    default:
      return impossible(phase);
  }
}

function unusual({ asked, missed }: HowAsked): string {
  if (asked === 'fallback') return BY_FALLBACK;
  if (asked === 'nobody') return BY_NOBODY;
  return asked === 'approvers' && missed ? BY_MESSAGE : '';
}

/** The news: approved, denied, or nobody decided. Redrawn without its button once the access has ended. */
export function newsMessage(drawn: Drawn): Message {
  const { case: c, at } = drawn;
  const phase = phaseOf(drawn);
  const name = what(at.policy, c.request.access);
  switch (phase) {
    case 'later':
      return message(drawn, approvedLine(drawn), { cli: true, buttons: endNow(drawn) });
    case 'active':
      return message(drawn, approvedLine(drawn), { cli: true, buttons: endNow(drawn) });
    case 'revoked':
    case 'over':
      return message(drawn, [`Approved: ${name}. `, ...statusLine(drawn)], {});
    case 'denied': {
      return message(drawn, [`Denied by ${denierName(drawn)}.`], {
        quote: reasonOf(drawn),
        buttons: [againButton(drawn)],
      });
    }
    case 'undecided':
      return message(drawn, ['Nobody decided in time. Expired at ', { at: c.request.expiresAt }, '.'], {
        buttons: [againButton(drawn)],
      });
    case 'pending':
    case 'canceled':
      return message(drawn, statusLine(drawn), {});
    default:
      return impossible(phase);
  }
}

/** The end of an access. `reader` is who gets it: one's own act is said as such. */
export function endMessage(drawn: Drawn, reader: PersonId): Message {
  const { case: c, at } = drawn;
  const { grant } = c;
  if (grant?.status.state === 'revoked') {
    const { by, at: endedAt, because } = grant.status;
    if (because !== undefined) return message(drawn, statusLine(drawn), {});
    const own = by.kind === 'person' && by.id === reader;
    const line: Sentence = own
      ? ['You ended it at ', { at: endedAt }, '.', ...useText(drawn)]
      : [
          `${principalName(at.policy, by)} ended ${whose(drawn, reader)} access at `,
          { at: endedAt },
          '.',
          ...useText(drawn),
        ];
    return message(drawn, line, {});
  }
  const over: Sentence =
    grant === undefined
      ? []
      : [`${capital(whose(drawn, reader))} access ended at `, { at: grant.expiresAt }, '.', ...useText(drawn)];
  return message(drawn, over, { buttons: [againButton(drawn)] });
}

/** "Ends in 10 minutes", with more time and the end at hand; redrawn as the end it warned of. */
export function warningMessage(drawn: Drawn): Message {
  const { case: c, at } = drawn;
  const { grant } = c;
  const name = what(at.policy, c.request.access);
  if (grant === undefined || isFinal(phaseOf(drawn))) return message(drawn, [`${name}: `, ...statusLine(drawn)], {});
  const left = Math.max(1, Math.ceil((grant.expiresAt - at.now) / MINUTE_MS));
  const line: Sentence = [
    `Ends in ${left} minute${left === 1 ? '' : 's'}: ${name}, at `,
    { at: grant.expiresAt },
    '.',
    ...useText(drawn),
  ];
  return message(drawn, line, { buttons: [moreTimeButton(drawn), endNowButton(drawn, grant)] });
}

function approvedLine(drawn: Drawn): Sentence {
  const less = lessLine(drawn);
  return [...grantedLine(drawn), ...(less.length === 0 ? [] : [' ', ...less])];
}

function grantedLine({ case: { request, grant }, at: { policy, now } }: Drawn): Sentence {
  const name = what(policy, request.access);
  if (grant === undefined) return [`Approved: ${name}.`];
  return now < grant.notBefore
    ? [`Approved: ${name}, from `, { at: grant.notBefore }, ' to ', { at: grant.expiresAt }, '.']
    : [`Approved: ${name}, active until `, { at: grant.expiresAt }, '.'];
}

/** "your" to whoever asked; the workload's name to owners of one that asked itself. */
function whose({ case: { request }, at: { policy } }: Drawn, reader: PersonId): string {
  const own = [request.requester, request.subject].some((one) => one.kind === 'person' && one.id === reader);
  return own ? 'your' : `${principalName(policy, request.subject)}'s`;
}

function capital(text: string): string {
  return text === 'your' ? 'Your' : text;
}

function endNow(drawn: Drawn): readonly Button[] {
  return drawn.case.grant === undefined ? [] : [endNowButton(drawn, drawn.case.grant)];
}

interface More {
  readonly buttons?: readonly Button[];
  readonly quote?: readonly Block[];
  readonly cli?: boolean;
}

/** One message: the line, then how to use it, whose words, which request, what can be pressed. */
function message(drawn: Drawn, line: Sentence, more: More): Message {
  const { case: c, at } = drawn;
  const { request } = c;
  const forWhom = request.subject.kind === 'workload' ? ` · for ${principalName(at.policy, request.subject)}` : '';
  return {
    text: messageText([...line, ` ${request.id}`], at.now),
    blocks: [
      sentenceBlock(line, at.now),
      ...(more.cli === true ? [sentenceBlock(cliLine(drawn), at.now)] : []),
      ...(more.quote ?? []),
      context(`${what(at.policy, request.access)}${forWhom} · ${request.id}`),
      ...buttonRow(more.buttons ?? []),
    ],
  };
}

/** How to get a token in a terminal or a CI job. */
function cliLine({ case: { request } }: Drawn): Sentence {
  const { audience, scopes } = request.access;
  return ['Get a token: ', { code: `npx sallyport token --audience ${audience} --scope "${scopeText(scopes)}"` }];
}
