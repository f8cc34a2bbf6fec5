/** Owns which messages a case calls for: the requester's first, then the card, the approvers, the thread. Pure. */
import { ownersOf, type PersonId, type Policy, personById } from '@sallyport/core';
import { APPROVER_MESSAGES_MAX, approvers } from '../views/approvals.ts';
import { approverMessage } from '../views/approver-message.ts';
import type { Message } from '../views/blocks.ts';
import { type Drawn, phaseOf } from '../views/phase.ts';
import { answerMessage, questionMessage } from '../views/question-views.ts';
import { requestCard } from '../views/request-card.ts';
import { endMessage, firstMessage, newsMessage } from '../views/requester-messages.ts';
import { revisedMessage, voidedVoices } from '../views/revised-message.ts';
import { threadLines } from '../views/thread-lines.ts';
import { type MessageKind, messageKey, nth, parseMessageKey, recipientOf } from './message-key.ts';
import type { StoredMessage } from './stores.ts';

export type Destination =
  | { readonly to: 'channel'; readonly channel: string }
  | { readonly to: 'person'; readonly user: string }
  /** A reply to the card, wherever that is. */
  | { readonly to: 'thread' };

export interface PlannedMessage {
  readonly key: string;
  readonly kind: MessageKind;
  readonly destination: Destination;
  /** Never changed once shown. */
  readonly once: boolean;
  /** What it follows when that is not the case's version: it is drawn again when this is higher than what it shows. */
  readonly version?: number;
  /** `cardUrl` is known only after the card was delivered. */
  readonly draw: (cardUrl: string | undefined) => Message;
}

export interface PlanOptions {
  /** Teams whose accounts may be written to. */
  readonly teams: ReadonlySet<string>;
  /** What is in Slack already, or was begun. */
  readonly stored: readonly StoredMessage[];
  /** The resource's channel cannot take a card: approvers get theirs by direct message. */
  readonly channelUnusable: boolean;
}

/** Without a channel every approver gets a card; there must be an end. */
const CARD_MESSAGES_MAX = 50;
const OWNERS_TOLD_MAX = 20;

/** The messages of a case, in the order they are delivered. What is no longer true and was never shown is left out. */
export function planMessages(drawn: Drawn, options: PlanOptions): readonly PlannedMessage[] {
  const card = cardPlan(drawn, options);
  const inChannel = card.length > 0;
  return [
    ...requesterPlan(drawn, options),
    ...card,
    ...approverPlan(drawn, options, inChannel),
    ...revisedPlan(drawn, options),
    ...questionPlan(drawn, options),
    ...(inChannel ? threadPlan(drawn) : []),
  ];
}

/** The Slack account of a person, if it is of a team we may write to. */
export function accountOf(policy: Policy, id: PersonId, teams: ReadonlySet<string>): string | undefined {
  const slack = personById(policy, id)?.slack;
  return slack !== undefined && teams.has(slack.team) ? slack.user : undefined;
}

/** Who is told how it goes: the requester; for a workload's own request its owners. */
export function toldOf({ case: { request }, at: { policy } }: Drawn): readonly PersonId[] {
  if (request.requester.kind === 'person') return [request.requester.id];
  return ownersOf(policy, request.requester.id)
    .slice(0, OWNERS_TOLD_MAX)
    .map((owner) => owner.id);
}

function requesterPlan(drawn: Drawn, options: PlanOptions): readonly PlannedMessage[] {
  const phase = phaseOf(drawn);
  const news = phase !== 'pending' && phase !== 'canceled';
  const live = phase === 'later' || phase === 'active';
  const over = phase === 'revoked' || phase === 'over';
  return toldOf(drawn).flatMap((id) => {
    const message = personMessage(drawn, options, id);
    // News before the redrawing of old ones: both take a second of the same channel.
    return [
      // An approval that is over before it was told is no news any more.
      ...(news ? message('decided', live || !over, () => newsMessage(drawn)) : []),
      ...(over ? message('ended', true, () => endMessage(drawn, id)) : []),
      ...message('first', phase === 'pending', () => firstMessage(drawn, options.channelUnusable)),
    ];
  });
}

function cardPlan(drawn: Drawn, { channelUnusable, stored }: PlanOptions): readonly PlannedMessage[] {
  const { request } = drawn.case;
  const key = messageKey({ kind: 'card', request: request.id });
  const before = stored.find((one) => one.key === key && one.ts !== undefined)?.channel;
  const configured = drawn.at.policy.resources.find((one) => one.id === request.access.resource)?.slackChannel;
  const channel = before ?? configured;
  if (channel === undefined || channelUnusable) return [];
  return [{ key, kind: 'card', destination: { to: 'channel', channel }, once: false, draw: () => requestCard(drawn) }];
}

function approverPlan(drawn: Drawn, options: PlanOptions, inChannel: boolean): readonly PlannedMessage[] {
  const { request } = drawn.case;
  const pending = phaseOf(drawn) === 'pending';
  const now = approvers(drawn.at.policy, request);
  const told = now.length <= APPROVER_MESSAGES_MAX ? now : inChannel ? [] : now.slice(0, CARD_MESSAGES_MAX);
  return [...new Set([...told, ...writtenTo(drawn, options.stored)])].flatMap((approver) =>
    personMessage(drawn, options, approver)('approver', pending && told.includes(approver), (cardUrl) =>
      approverMessage(drawn, {
        approver,
        asCard: !inChannel,
        ...(cardUrl === undefined ? {} : { cardUrl }),
      }),
    ),
  );
}

/** Somebody approved less: whoever asked and whoever's approval is void hear of it, once for each revision. */
function revisedPlan(drawn: Drawn, options: PlanOptions): readonly PlannedMessage[] {
  const { revision } = drawn.case.request;
  const wanted = revision > 1 && phaseOf(drawn) === 'pending';
  const told = (reader: 'asker' | 'voided', people: readonly PersonId[]) =>
    people.flatMap((id) =>
      personMessage(drawn, options, id)(
        'revised',
        wanted,
        (cardUrl) => revisedMessage(drawn, { reader, cardUrl }),
        nth(revision, id),
      ),
    );
  return [...told('asker', toldOf(drawn)), ...told('voided', voidedVoices(drawn))];
}

/** Each question goes to whoever asked for the access, each answer to whoever asked the question. */
function questionPlan(drawn: Drawn, options: PlanOptions): readonly PlannedMessage[] {
  const open = phaseOf(drawn) === 'pending';
  return (drawn.questions ?? []).flatMap((question) => {
    const { number, asked, answered } = question;
    const settled = answered !== undefined || !open;
    const questions = toldOf(drawn).flatMap((id) =>
      personMessage(drawn, options, id)(
        'question',
        !settled,
        () => questionMessage(drawn, question),
        nth(number, id),
      ).map((planned) => ({ ...planned, version: settled ? 2 : 1 })),
    );
    const answers = personMessage(drawn, options, asked.by)(
      'answer',
      answered !== undefined && open,
      (cardUrl) => answerMessage(drawn, question, cardUrl),
      nth(number, asked.by),
    ).map((planned) => ({ ...planned, once: true }));
    return [...questions, ...(answered === undefined ? [] : answers)];
  });
}

/** Approvers who have a message already, even if they are none any more: it must not stay as it was. */
function writtenTo(drawn: Drawn, stored: readonly StoredMessage[]): readonly PersonId[] {
  return stored.flatMap((one) => {
    const key = parseMessageKey(one.key);
    if (key?.kind !== 'approver' || key.request !== drawn.case.request.id || one.ts === undefined) return [];
    const person = recipientOf(key);
    return person === undefined ? [] : [person];
  });
}

function threadPlan(drawn: Drawn): readonly PlannedMessage[] {
  return threadLines(drawn).map(({ event, message }) => ({
    key: messageKey({ kind: 'line', request: drawn.case.request.id, rest: event }),
    kind: 'line',
    destination: { to: 'thread' },
    once: true,
    draw: () => message,
  }));
}

/** A direct message to one person: wanted now, or there (or begun) already and so kept true. */
function personMessage(drawn: Drawn, { teams, stored }: PlanOptions, id: PersonId) {
  const user = accountOf(drawn.at.policy, id, teams);
  return (
    kind: MessageKind,
    wanted: boolean,
    draw: (cardUrl: string | undefined) => Message,
    rest: string = id,
  ): readonly PlannedMessage[] => {
    const key = messageKey({ kind, request: drawn.case.request.id, rest });
    const begun = stored.some((one) => one.key === key && (one.ts !== undefined || one.attemptedAt !== undefined));
    if (user === undefined || (!wanted && !begun)) return [];
    return [{ key, kind, destination: { to: 'person', user }, once: false, draw }];
  };
}
