/** Owns the App Home: what waits for me, my active access, my requests, who I am here. */
import type { Moment, PersonId } from '@sallyport/core';
import { ACTIONS } from '../action-ids.ts';
import { progressOf } from './approvals.ts';
import { type Block, button, buttonRow, context, type HomeView, header } from './blocks.ts';
import { cancelButton, detailsButton, endNowButton, openCardButton } from './case-buttons.ts';
import { personName, principalName, what } from './names.ts';
import { type Drawn, phaseOf } from './phase.ts';
import { asksFor } from './request-card.ts';
import { type Sentence, sentenceBlock } from './sentence.ts';

/** At most this many in each part. */
export const HOME_ITEMS_MAX = 10;

export interface Waiting {
  readonly drawn: Drawn;
  /** Where its card is, if it has one. */
  readonly cardUrl?: string;
}

export interface HomeInput {
  readonly person: PersonId;
  readonly at: Moment;
  /** Newest first, as many as there are; the first ten are shown. */
  readonly waiting: readonly Waiting[];
  readonly active: readonly Drawn[];
  readonly pending: readonly Drawn[];
}

/** The Home tab of one person. */
export function homeView({ person, at, waiting, active, pending }: HomeInput): HomeView {
  const requestAccess = button({ id: ACTIONS.openRequest, text: 'Request access', style: 'primary', value: '{}' });
  return {
    type: 'home',
    callback_id: 'home',
    blocks: [
      ...buttonRow([requestAccess]),
      ...part('Waiting for you', waiting, waitingItem, 'Nothing waits for you.'),
      ...part('Your active access', active, activeItem, 'You have no active access.'),
      ...part('Your requests', pending, pendingItem, 'You have no open requests.'),
      { type: 'divider' },
      context(`You are ${personName(at.policy, person)} (${person}) here.`),
      context('Type /request-access in any conversation, or /request-access help.'),
    ],
  };
}

/** What a Home tab says to somebody it cannot know. */
export function strangerHome(sentence: Sentence, now: Moment['now']): HomeView {
  return { type: 'home', callback_id: 'home', blocks: [sentenceBlock(sentence, now)] };
}

function part<T>(
  title: string,
  items: readonly T[],
  draw: (item: T) => readonly Block[],
  empty: string,
): readonly Block[] {
  const more = items.length - HOME_ITEMS_MAX;
  return [
    header(title),
    ...(items.length === 0 ? [context(empty)] : items.slice(0, HOME_ITEMS_MAX).flatMap(draw)),
    ...(more > 0 ? [context(`And ${more} more.`)] : []),
  ];
}

function waitingItem({ drawn, cardUrl }: Waiting): readonly Block[] {
  const { case: c, at } = drawn;
  const { given, required } = progressOf(at.policy, c);
  const line: Sentence = [
    ...asksFor(drawn),
    ` ${given} of ${required} approvals. Expires `,
    { at: c.request.expiresAt },
    '.',
  ];
  const link = cardUrl === undefined ? [] : [openCardButton(drawn, cardUrl)];
  return [sentenceBlock(line, at.now), ...buttonRow([...link, detailsButton(drawn)])];
}

function activeItem(drawn: Drawn): readonly Block[] {
  const { case: c, at } = drawn;
  const { request, grant } = c;
  if (grant === undefined) return [];
  const forWhom = request.subject.kind === 'workload' ? ` for ${principalName(at.policy, request.subject)}` : '';
  const line: Sentence =
    phaseOf(drawn) === 'later'
      ? [
          `${what(at.policy, request.access)}${forWhom}, from `,
          { at: grant.notBefore },
          ' to ',
          { at: grant.expiresAt },
          '.',
        ]
      : [`${what(at.policy, request.access)}${forWhom}, active until `, { at: grant.expiresAt }, '.'];
  return [sentenceBlock(line, at.now), ...buttonRow([endNowButton(drawn, grant)])];
}

function pendingItem(drawn: Drawn): readonly Block[] {
  const { case: c, at } = drawn;
  const { given, required, waitingFor } = progressOf(at.policy, c);
  const line: Sentence = [
    `${what(at.policy, c.request.access)}. ${given} of ${required} approvals. Waiting for: ${waitingFor}. Expires `,
    { at: c.request.expiresAt },
    '.',
  ];
  return [sentenceBlock(line, at.now), ...buttonRow([cancelButton(drawn)])];
}
