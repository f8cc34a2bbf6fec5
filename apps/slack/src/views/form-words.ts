/** Owns the words of forms: their titles, and what they say at a field that cannot be taken as it is. */
import type { Instant } from '@sallyport/core';
import { shown } from './limits.ts';
import type { Sentence } from './sentence.ts';
import { cut, oneLine } from './text.ts';

/** Titles, shown again where a form's outcome comes late. */
export const TITLES = {
  request: 'Request access',
  deny: 'Deny this request',
  less: 'Approve for less',
  ask: 'Ask a question',
  reply: 'Reply',
  moreTime: 'More time',
} as const;

/** At a field. */
export const AT_FIELD = {
  missing: ['Please complete this field.'],
  notYours: ['This is neither you nor a workload.'],
  noLength: ['Use a length like 30m or 1h30m.'],
  fewWords: ['Write a few words.'],
  sayWhy: ['Say why, in a few words: the requester is told.'],
  oneScope: ['Leave at least one scope.'],
  allOfIt: ['That is all of it. Choose less, or go back and press Approve.'],
  noMoment: ['Choose a date and a time.'],
  past: ['That is over. Choose a later time, or leave it empty.'],
  far: ['At most 30 days ahead.'],
} as const satisfies Record<string, Sentence>;

/** At a field with more than it may have. */
export function atMostCharacters(max: number): Sentence {
  return [`At most ${max} characters.`];
}

/** A resource that is not among theirs; `nearest`: what they may have meant. */
export function noSuchResource(typedName: string, nearest: string | undefined): Sentence {
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  return [`There is no resource '${cut(oneLine(typedName), shown.typedName)}' you can request.${hint}`];
}

/** More time was asked for before. */
export function askedAlready(request: string): Sentence {
  return [`You already asked for more time: ${request}.`];
}

/** The approvers were asked again. */
export const NUDGED: Sentence = ['Nudged. Those who can still approve get a message.'];

/** They were asked again a moment ago. */
export function nudgedBefore(againAt: Instant): Sentence {
  return ['You nudged them a moment ago. Again from ', { at: againAt }, ' on.'];
}
