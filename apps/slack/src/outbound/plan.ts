/** Owns which messages a case calls for: the requester's first, then the card, the approvers, the thread. Pure. */
import type { PersonId, SlackAccount } from '@sallyport/core';
import { APPROVER_MESSAGES_MAX, approvers } from '../views/approvals.ts';
import { approverMessage } from '../views/approver-message.ts';
import type { Message } from '../views/blocks.ts';
import { type Drawn, phaseOf } from '../views/phase.ts';
import { answerMessage, questionMessage } from '../views/question-views.ts';
import { escalationMessage, nudgeMessage, reminderMessage } from '../views/reminders.ts';
import { fallbackCard, requestCard } from '../views/request-card.ts';
import { endMessage, firstMessage, newsMessage, warningMessage } from '../views/requester-messages.ts';
import { revisedMessage, voidedVoices } from '../views/revised-message.ts';
import { reminderLine, type ThreadLine, threadLines } from '../views/thread-lines.ts';
import { writableAccount } from './accounts.ts';
import { CARD_MESSAGES_MAX, type CardHome } from './card-home.ts';
import { cardTeam } from './card-place.ts';
import { type MessageKind, messageKey, nth, numberOf, parseMessageKey, recipientOf } from './message-key.ts';
import { isDue, type Notice } from './notices.ts';
import type { StoredMessage } from './stores.ts';
import { toldOf } from './told.ts';

export type Destination =
  /** `team`: of which workspace; absent: the one that is meant where none is named. */
  | { readonly to: 'channel'; readonly channel: string; readonly team?: string }
  | { readonly to: 'person'; readonly user: string; readonly team: string }
  /** A reply to the card, wherever that is. */
  | { readonly to: 'thread'; readonly team?: string };

export interface PlannedMessage {
  readonly key: string;
  readonly kind: MessageKind;
  readonly destination: Destination;
  /** Never changed once shown. */
  readonly once: boolean;
  /** Posted never, only kept true if it is there: its answer may have been lost. */
  readonly onlyIfThere?: true;
  /** What it follows when that is not the case's version: it is drawn again when this is higher than what it shows. */
  readonly version?: number;
  /** `cardUrl` is known only after the card was delivered. */
  readonly draw: (cardUrl: string | undefined) => Message;
}

export interface PlanOptions {
  /** Teams whose accounts may be written to. */
  readonly teams: ReadonlySet<string>;
  /** The accounts of those of `readersOf` who have one. */
  readonly accounts: ReadonlyMap<PersonId, SlackAccount>;
  /** What is in Slack already, or was begun. */
  readonly stored: readonly StoredMessage[];
  /** Where the card lives. */
  readonly home: CardHome;
  /** One of too many of its requester: no card, and nobody is asked by message. */
  readonly listed: boolean;
  /** What time brings, due or not. */
  readonly notices: readonly Notice[];
}

/** The messages of a case, in the order they are delivered. What is no longer true and was never shown is left out. */
export function planMessages(drawn: Drawn, options: PlanOptions): readonly PlannedMessage[] {
  if (options.listed) return requesterPlan(drawn, options);
  const inChannel = options.home.channel !== undefined || options.home.fallback !== undefined;
  return [
    ...requesterPlan(drawn, options),
    ...cardPlan(drawn, options.home),
    ...approverPlan(drawn, options, inChannel),
    ...revisedPlan(drawn, options),
    ...questionPlan(drawn, options),
    ...(inChannel ? threadPlan(drawn, options.home) : []),
    ...noticePlan(drawn, options, inChannel),
  ];
}

/** Everybody a message of this case could go to, or went to. */
export function readersOf(
  drawn: Drawn,
  { stored, notices }: Pick<PlanOptions, 'stored' | 'notices'>,
): readonly PersonId[] {
  const written = stored.flatMap((one) => {
    const key = parseMessageKey(one.key);
    return (key === undefined ? undefined : recipientOf(key)) ?? [];
  });
  const asked = (drawn.questions ?? []).map((question) => question.asked.by);
  const noticed = notices.map((one) => one.person);
  const approving = approvers(drawn.at, drawn.case.request).slice(0, CARD_MESSAGES_MAX);
  return [...new Set([...toldOf(drawn), ...approving, ...voidedVoices(drawn), ...asked, ...noticed, ...written])];
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
      ...message('first', phase === 'pending', () => firstMessage(drawn, options.home)),
    ];
  });
}

function cardPlan(drawn: Drawn, { channel, sought, fallback }: CardHome): readonly PlannedMessage[] {
  const request = drawn.case.request.id;
  const team = cardTeam(drawn);
  const in_ = (kind: 'card' | 'fallback', where: string | undefined, draw: PlannedMessage['draw']) =>
    where === undefined
      ? []
      : [
          {
            key: messageKey({ kind, request }),
            kind,
            destination: { to: 'channel', ...(kind === 'card' ? team : {}), channel: where } as const,
            once: false,
            draw,
          },
        ];
  return [
    ...in_('card', channel, () => requestCard(drawn)),
    ...in_('card', sought, () => requestCard(drawn)).map((one) => ({ ...one, onlyIfThere: true }) as const),
    ...in_('fallback', fallback, () => fallbackCard(drawn)),
  ];
}

function approverPlan(drawn: Drawn, options: PlanOptions, inChannel: boolean): readonly PlannedMessage[] {
  const { request } = drawn.case;
  const pending = phaseOf(drawn) === 'pending';
  const now = approvers(drawn.at, request);
  const told = now.length <= APPROVER_MESSAGES_MAX ? now : inChannel ? [] : now.slice(0, CARD_MESSAGES_MAX);
  // The card is there for everybody; without one the message is the card, and is not held back.
  const held = options.notices.filter((one) => one.kind === 'approver' && !isDue(one, drawn.at.now));
  const waits = (id: PersonId): boolean => inChannel && held.some((one) => one.person === id);
  return [...new Set([...told, ...writtenTo(drawn, options.stored)])].flatMap((approver) =>
    personMessage(drawn, options, approver)(
      'approver',
      pending && told.includes(approver) && !waits(approver),
      (cardUrl) =>
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

const DRAWN_AS = {
  remind: reminderMessage,
  nudge: nudgeMessage,
  escalate: escalationMessage,
  warning: (drawn: Drawn) => warningMessage(drawn),
} as const;
type NoticeKind = keyof typeof DRAWN_AS;
const NOTICE_KINDS: readonly NoticeKind[] = ['warning', 'remind', 'nudge', 'escalate'];

/** What is due, of several of one kind the latest; and what was said before, kept true. */
function noticePlan(drawn: Drawn, options: PlanOptions, inChannel: boolean): readonly PlannedMessage[] {
  const many = inChannel && approvers(drawn.at, drawn.case.request).length > APPROVER_MESSAGES_MAX;
  return NOTICE_KINDS.flatMap((kind) => {
    const due = options.notices.filter((one) => one.kind === kind && isDue(one, drawn.at.now));
    const latest = due.filter((one) => !due.some((other) => other.person === one.person && nthOf(other) > nthOf(one)));
    if (many && (kind === 'remind' || kind === 'nudge')) return linePlan(drawn, options.home, kind, latest);
    return [...latest, ...saidBefore(drawn, options.stored, kind, latest)].flatMap(({ person, nth: number }) =>
      personMessage(drawn, options, person)(
        kind,
        latest.some((one) => one.person === person && one.nth === number),
        (cardUrl) => DRAWN_AS[kind](drawn, { reader: person, ...(cardUrl === undefined ? {} : { cardUrl }) }),
        number === undefined ? person : nth(number, person),
      ),
    );
  });
}

function nthOf({ nth: number = 1 }: Pick<Notice, 'nth'>): number {
  return number;
}

/** Where many could decide nobody is written to: one line under the card. */
function linePlan(drawn: Drawn, home: CardHome, kind: NoticeKind, due: readonly Notice[]): readonly PlannedMessage[] {
  const latest = Math.max(0, ...due.map(nthOf));
  return latest === 0 ? [] : [plannedLine(drawn, home, reminderLine(drawn, `${kind}-${latest}`))];
}

function saidBefore(drawn: Drawn, stored: readonly StoredMessage[], kind: NoticeKind, latest: readonly Notice[]) {
  return stored.flatMap((one) => {
    const key = parseMessageKey(one.key);
    const person = key === undefined ? undefined : recipientOf(key);
    if (key?.kind !== kind || key.request !== drawn.case.request.id || person === undefined) return [];
    const number = numberOf(key);
    const again = latest.some((notice) => notice.person === person && notice.nth === number);
    return again ? [] : [{ person, ...(number === undefined ? {} : { nth: number }) }];
  });
}

function threadPlan(drawn: Drawn, home: CardHome): readonly PlannedMessage[] {
  return threadLines(drawn).map((line) => plannedLine(drawn, home, line));
}

function plannedLine(drawn: Drawn, { channel }: CardHome, { event, message }: ThreadLine): PlannedMessage {
  return {
    key: messageKey({ kind: 'line', request: drawn.case.request.id, rest: event }),
    kind: 'line',
    destination: { to: 'thread', ...(channel === undefined ? {} : cardTeam(drawn)) },
    once: true,
    draw: () => message,
  };
}

/** A direct message to one person: wanted now, or there (or begun) already and so kept true. */
function personMessage(drawn: Drawn, { teams, accounts, stored }: PlanOptions, id: PersonId) {
  const account = writableAccount(accounts, id, teams);
  return (
    kind: MessageKind,
    wanted: boolean,
    draw: (cardUrl: string | undefined) => Message,
    rest: string = id,
  ): readonly PlannedMessage[] => {
    const key = messageKey({ kind, request: drawn.case.request.id, rest });
    const begun = stored.some((one) => one.key === key && (one.ts !== undefined || one.attemptedAt !== undefined));
    if (account === undefined || (!wanted && !begun)) return [];
    const { team, user } = account;
    return [{ key, kind, destination: { to: 'person', user, team }, once: false, draw }];
  };
}
