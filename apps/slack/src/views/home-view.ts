/** Owns the App Home: what waits for me, my access, my requests, what I approved, who I am here. A page of each at a time. */
import { decisionsInForce, type Moment, type PersonId } from '@sallyport/core';
import type { HowLinked } from '../accounts.ts';
import { ACTIONS, type HomePart, pageValue } from '../action-ids.ts';
import { progressOf } from './approvals.ts';
import { type Block, type Button, button, buttonRow, context, type HomeView, header } from './blocks.ts';
import {
  approveButton,
  cancelButton,
  denyButton,
  detailsButton,
  endNowButton,
  moreTimeButton,
  nudgeButton,
  openCardButton,
} from './case-buttons.ts';
import { linkedLine, unlinkButton } from './link-views.ts';
import { personName, principalName, what } from './names.ts';
import { type Drawn, phaseOf, statusLine, useText } from './phase.ts';
import { asksFor } from './request-card.ts';
import { type Sentence, sentenceBlock } from './sentence.ts';

/** So many of each part on one page: four parts of two blocks an item stay within a view's hundred. */
export const HOME_ITEMS_MAX = 10;

export interface Waiting {
  readonly drawn: Drawn;
  /** Where its card is, if it has one. */
  readonly cardUrl?: string;
}

/** One page of a part. */
export interface HomePage<T> {
  readonly items: readonly T[];
  /** From 0. */
  readonly page: number;
  /** Of all pages together. */
  readonly total: number;
}

export interface HomeInput {
  readonly person: PersonId;
  /** How this account became theirs. */
  readonly linked?: HowLinked;
  readonly at: Moment;
  readonly waiting: HomePage<Waiting>;
  readonly active: HomePage<Drawn>;
  readonly pending: HomePage<Drawn>;
  readonly approved: HomePage<Drawn>;
}

/** The Home tab of one person. */
export function homeView({ person, linked, at, waiting, active, pending, approved }: HomeInput): HomeView {
  const requestAccess = button({
    id: ACTIONS.openRequest,
    text: 'Request access',
    about: 'to a resource',
    style: 'primary',
    value: '{}',
  });
  return {
    type: 'home',
    callback_id: 'home',
    blocks: [
      ...buttonRow([requestAccess]),
      ...part('waiting', waiting, waitingItem),
      ...part('active', active, activeItem),
      ...part('pending', pending, pendingItem),
      ...part('approved', approved, (drawn) => approvedItem(drawn, person)),
      { type: 'divider' },
      context(`You are ${personName(at.policy, person)} (${person}) here.`),
      ...linkStatus(linked, at.now),
      context('Type /request-access in any conversation, or /request-access help.'),
    ],
  };
}

function linkStatus(linked: HowLinked | undefined, now: Moment['now']): readonly Block[] {
  if (linked === undefined) return [];
  if (linked.by === 'policy') return [context('Whoever keeps the policy linked this Slack account to you.')];
  return [sentenceBlock(linkedLine(linked.link), now), ...buttonRow([unlinkButton(linked.link.id)])];
}

/** What a Home tab says to somebody it cannot know. */
export function strangerHome(sentence: Sentence, now: Moment['now']): HomeView {
  return { type: 'home', callback_id: 'home', blocks: [sentenceBlock(sentence, now)] };
}

/** The items of one page; one past the end is the last. */
export function pageOf<T>(all: readonly T[], wanted: number): HomePage<T> {
  const last = Math.max(0, Math.ceil(all.length / HOME_ITEMS_MAX) - 1);
  const page = Math.min(Math.max(0, wanted), last);
  return { items: all.slice(page * HOME_ITEMS_MAX, (page + 1) * HOME_ITEMS_MAX), page, total: all.length };
}

const PARTS: Readonly<Record<HomePart, { readonly title: string; readonly empty: string }>> = {
  waiting: { title: 'Waiting for you', empty: 'Nothing waits for you.' },
  active: { title: 'Your active access', empty: 'You have no active access.' },
  pending: { title: 'Your requests', empty: 'You have no open requests.' },
  approved: { title: 'You approved', empty: 'Nothing you approved is active.' },
};

function part<T>(id: HomePart, page: HomePage<T>, draw: (item: T) => readonly Block[]): readonly Block[] {
  const { title, empty } = PARTS[id];
  return [
    header(page.total > HOME_ITEMS_MAX ? `${title} (${rangeText(page)})` : title),
    ...(page.items.length === 0 ? [context(empty)] : page.items.flatMap(draw)),
    ...moreRow(id, page),
  ];
}

/** "11 to 20 of 43". */
function rangeText({ page, items, total }: HomePage<unknown>): string {
  const first = page * HOME_ITEMS_MAX + 1;
  return `${first} to ${first + items.length - 1} of ${total}`;
}

/** To the next page; from the last one back to the first. */
function moreRow(id: HomePart, { page, total }: HomePage<unknown>): readonly Block[] {
  if (total <= HOME_ITEMS_MAX) return [];
  const next = (page + 1) * HOME_ITEMS_MAX < total ? page + 1 : 0;
  const text = next === 0 ? 'Back to the first' : 'Show more';
  return buttonRow([
    button({ id: ACTIONS.showMore, text, value: pageValue(id, next), about: `of ${PARTS[id].title}` }),
  ]);
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
  // Without a card of its own this is where it can be decided.
  const decide = cardUrl === undefined ? [approveButton(drawn), denyButton(drawn)] : [openCardButton(drawn, cardUrl)];
  return [sentenceBlock(line, at.now), ...buttonRow([...decide, detailsButton(drawn)])];
}

function activeItem(drawn: Drawn): readonly Block[] {
  const { case: c, at } = drawn;
  const { request, grant } = c;
  if (grant === undefined) return [];
  const forWhom = request.subject.kind === 'workload' ? ` for ${principalName(at.policy, request.subject)}` : '';
  const name = `${what(at.policy, request.access)}${forWhom}`;
  const line: Sentence =
    phaseOf(drawn) === 'later'
      ? [`${name}, from `, { at: grant.notBefore }, ' to ', { at: grant.expiresAt }, '.']
      : [`${name}, active until `, { at: grant.expiresAt }, '.', ...useText(drawn)];
  const buttons: readonly Button[] = [moreTimeButton(drawn), endNowButton(drawn, grant)];
  return [sentenceBlock(line, at.now), ...buttonRow(buttons)];
}

function pendingItem(drawn: Drawn): readonly Block[] {
  const { case: c, at } = drawn;
  const { given, required, waitingFor } = progressOf(at.policy, c);
  const line: Sentence = [
    `${what(at.policy, c.request.access)}. ${given} of ${required} approvals. Waiting for: ${waitingFor}. Expires `,
    { at: c.request.expiresAt },
    '.',
  ];
  return [sentenceBlock(line, at.now), ...buttonRow([cancelButton(drawn), nudgeButton(drawn)])];
}

function approvedItem(drawn: Drawn, person: PersonId): readonly Block[] {
  const { case: c, at } = drawn;
  const own = decisionsInForce(c).find((one) => one.person === person);
  const when: Sentence = own === undefined ? [] : [' You approved this at ', { at: own.at }, '.'];
  const line: Sentence = [...asksFor(drawn, 'asked'), ...when, ' ', ...statusLine(drawn)];
  const end = c.grant === undefined ? [] : [endNowButton(drawn, c.grant)];
  return [sentenceBlock(line, at.now), ...buttonRow([...end, detailsButton(drawn)])];
}
