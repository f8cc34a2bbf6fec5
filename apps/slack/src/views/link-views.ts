/** Owns what is said about whose Slack account is whose: connecting one, that it was linked, and taking that back. */
import type { Instant, LinkId, SlackLink, UserCode } from '@sallyport/core';
import { userCodeText } from '@sallyport/core';
import { ACTIONS, COMMAND, linkValue } from '../action-ids.ts';
import { type Button, button, buttonRow, type HomeView } from './blocks.ts';
import { type Sentence, sentenceBlock } from './sentence.ts';

export const LINK_SAY = {
  notLinked: ["Your Slack account isn't linked to a person yet."],
  unlinked: ['Your Slack account is not linked any more. Connect it again with ', { code: COMMAND }, '.'],
  notYours: ['This link has ended already, or is another account’s. Nothing changed.'],
  nothingToUnlink: ["Your Slack account isn't linked, so there is nothing to unlink."],
  changed: ['This Slack account was linked or unlinked meanwhile. Open this tab again to see what is yours now.'],
  byPolicy: [
    'Your Slack account was linked by whoever keeps the policy. That can be changed there, and not from Slack: ask them.',
  ],
} as const satisfies Record<string, Sentence>;

/** Handed out: what to do, and until when. The code itself is in the direct message, and nowhere else. */
export function handedOut(until: Instant): Sentence {
  return [
    "Your Slack account isn't linked to a person yet. Connect it: sign in with your company account, then type the code " +
      'we just sent you by direct message. It works once, until ',
    { at: until },
    '. Only you may use it: do not pass it on.',
  ];
}

/** The direct message with the code. */
export function confirmationCode(code: UserCode, until: Instant): Sentence {
  return [
    'Your code to connect this Slack account: ',
    { strong: userCodeText(code) },
    '. It works once, until ',
    { at: until },
    '. Type it only on the page you opened yourself from Slack, and tell it to nobody: whoever has it could act as this ' +
      'account. If you did not ask for it, do nothing.',
  ];
}

/** Too many were handed out. */
export function handedTooOften(seconds: number): Sentence {
  const minutes = Math.max(1, Math.ceil(seconds / 60));
  return [
    `You asked for this a few times just now. Use the last code you got, or ask again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
  ];
}

/** To the account that was linked. */
export function linkedMessage(name: string): Sentence {
  return [`Linked to ${name}. What you ask for and decide in Slack now counts as theirs. Not you? Unlink.`];
}

/** To the account whose link gave way to another. */
export function relinkedMessage(name: string): Sentence {
  return [
    `This Slack account is not linked to ${name} any more: a newer link took its place. If that was not you, tell your security team.`,
  ];
}

/** The link button of a message: opens the page. */
export function openPageButton(url: string): Button {
  return button({ id: ACTIONS.openLink, text: 'Connect your account', url, style: 'primary', about: 'in the browser' });
}

/** The button that asks for such a link, where none was handed out yet. */
export function connectButton(): Button {
  return button({ id: ACTIONS.connect, text: 'Connect your account', style: 'primary', about: 'to a person' });
}

/** Unlink, with a question before it. */
export function unlinkButton(id: LinkId): Button {
  return button({
    id: ACTIONS.unlink,
    text: 'Unlink',
    value: linkValue(id),
    style: 'danger',
    about: 'this Slack account',
    confirm: {
      title: 'Unlink this account?',
      text: 'You can ask for nothing and decide nothing in Slack until you connect it again. What was decided stands.',
      yes: 'Unlink',
      no: 'Keep it',
    },
  });
}

/** The Home of a member who is not linked: connect, or the page that was just handed out. */
export function unlinkedHome(says: Sentence, now: Instant, next: Button): HomeView {
  return { type: 'home', callback_id: 'home', blocks: [sentenceBlock(says, now), ...buttonRow([next])] };
}

/** "You linked this Slack account yourself on …" in the Home; what the policy says needs no button. */
export function linkedLine(link: SlackLink): Sentence {
  return ['You linked this Slack account yourself, at ', { at: link.linkedAt }, '.'];
}
