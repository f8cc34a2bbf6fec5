/** Owns the ids of everything that can be pressed, and the value of a button: ids and a revision, never authority. */
import {
  type GrantId,
  type LinkId,
  type PersonId,
  parseGrantId,
  parseLinkId,
  parseRequestId,
  type RequestId,
} from '@sallyport/core';

/** The command and the first two views, by contract; the shortcuts and the other views are ours. */
export const COMMAND = '/request-access';
export const SHORTCUT = 'request_access_shortcut';
export const MESSAGE_SHORTCUT = 'request_access_from_message';
export const VIEWS = {
  request: 'request_access',
  deny: 'deny_request',
  less: 'approve_less',
  ask: 'ask_question',
  answer: 'answer_question',
  moreTime: 'more_time',
  note: 'sallyport_note',
} as const;

/** Buttons: the first three by contract, the others ours. */
export const ACTIONS = {
  approve: 'approve',
  deny: 'deny',
  revoke: 'revoke',
  cancel: 'cancel',
  details: 'details',
  openRequest: 'open_request',
  openCard: 'open_card',
  openPage: 'open_page',
  less: 'approve_less',
  ask: 'ask_question',
  reply: 'answer_question',
  again: 'fill_again',
  nudge: 'nudge',
  moreTime: 'more_time',
  showMore: 'show_more',
  connect: 'connect_account',
  openLink: 'open_link_page',
  unlink: 'unlink_account',
} as const;

/** Fields: block ids and action ids are the same. Those up to `reason` by contract. */
export const FIELDS = {
  resource: 'resource',
  role: 'role',
  duration: 'duration',
  justification: 'justification',
  ticket: 'ticket',
  subject: 'subject',
  reason: 'reason',
  starts: 'starts',
  scopes: 'scopes',
  text: 'text',
} as const;

/** The request form's metadata: whose it is. No authority: a form sent by another person is refused by it, that is all. */
export function openedFor(person: PersonId): string {
  return JSON.stringify({ p: person });
}

/** Whether a form was opened for somebody else than who sends it; metadata that is none of ours says nothing. */
export function isOpenedForAnother(metadata: string | undefined, person: PersonId): boolean {
  const value = metadata === undefined ? undefined : parseJson(metadata);
  return typeof value === 'object' && value !== null && 'p' in value && value.p !== person;
}

/** What a click is about. */
export type ClickValue =
  | { readonly kind: 'request'; readonly request: RequestId; readonly revision?: number; readonly question?: number }
  | { readonly kind: 'grant'; readonly grant: GrantId };

const VALUE_LENGTH_MAX = 200;
const COUNT_MAX = 1_000_000;

/** `{"r":"req_…","v":3}`: a request at the revision it is shown in. */
export function requestValue(request: RequestId, revision: number): string {
  return JSON.stringify({ r: request, v: revision });
}

/** `{"r":"req_…","v":3,"q":1}`: one question about a request. */
export function questionValue(request: RequestId, revision: number, question: number): string {
  return JSON.stringify({ r: request, v: revision, q: question });
}

/** `{"g":"grt_…"}`. */
export function grantValue(grant: GrantId): string {
  return JSON.stringify({ g: grant });
}

/** Reads a button's value; undefined for whatever is not one of ours. */
export function parseValue(text: unknown): ClickValue | undefined {
  if (typeof text !== 'string' || text.length > VALUE_LENGTH_MAX) return undefined;
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null) return undefined;
  if ('g' in value && typeof value.g === 'string') {
    const grant = parseGrantId(value.g);
    return grant === undefined ? undefined : { kind: 'grant', grant };
  }
  if (!('r' in value) || typeof value.r !== 'string') return undefined;
  const request = parseRequestId(value.r);
  if (request === undefined) return undefined;
  const revision = 'v' in value && isCount(value.v) ? { revision: value.v } : {};
  const question = 'q' in value && isCount(value.q) ? { question: value.q } : {};
  return { kind: 'request', request, ...revision, ...question };
}

/** `{"l":"lnk_…"}`: a link of the account that presses. */
export function linkValue(id: LinkId): string {
  return JSON.stringify({ l: id });
}

/** Reads such a value; undefined for whatever is none. */
export function parseLink(text: unknown): LinkId | undefined {
  if (typeof text !== 'string' || text.length > VALUE_LENGTH_MAX) return undefined;
  const value = parseJson(text);
  const isOne = typeof value === 'object' && value !== null && 'l' in value && typeof value.l === 'string';
  return isOne ? parseLinkId(String(value.l)) : undefined;
}

export type HomePart = (typeof HOME_PARTS)[number];
const HOME_PARTS = ['waiting', 'active', 'pending', 'approved'] as const;
const PAGE_MAX = 1_000;

/** `{"s":"waiting","p":1}`: which page of which part of the Home. */
export function pageValue(part: HomePart, page: number): string {
  return JSON.stringify({ s: part, p: page });
}

/** Reads such a value; undefined for whatever is none. */
export function parsePage(text: unknown): { readonly part: HomePart; readonly page: number } | undefined {
  if (typeof text !== 'string' || text.length > VALUE_LENGTH_MAX) return undefined;
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || !('s' in value) || !('p' in value)) return undefined;
  const part = HOME_PARTS.find((one) => one === value.s);
  const page = value.p;
  const isPage = typeof page === 'number' && Number.isSafeInteger(page) && page >= 0 && page <= PAGE_MAX;
  return part === undefined || !isPage ? undefined : { part, page };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= COUNT_MAX;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
