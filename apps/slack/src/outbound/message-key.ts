/** Owns the key of a message: which message it is, of which request, for whom. Also its opaque form for Slack's metadata. */
import { isPrincipalId, type PersonId, parseRequestId, type RequestId } from '@sallyport/core';
import { sha256Hex } from '@sallyport/platform';

/**
 * `card`, `line` (thread), or a direct message: `first`, `decided`, `ended` to who asked, `approver`; `revised`, `question`
 * and `answer`, of which a person may get several of one request.
 */
export type MessageKind =
  | 'card'
  | 'line'
  | 'first'
  | 'decided'
  | 'ended'
  | 'approver'
  | 'revised'
  | 'question'
  | 'answer';

export interface MessageKey {
  readonly kind: MessageKind;
  readonly request: RequestId;
  /** A person of a direct message, after `2~` where it is their second of this kind; an event of a thread line. */
  readonly rest?: string;
}

const KINDS: readonly MessageKind[] = [
  'card',
  'line',
  'first',
  'decided',
  'ended',
  'approver',
  'revised',
  'question',
  'answer',
];
const SEVERAL: readonly MessageKind[] = ['revised', 'question', 'answer'];
const METADATA_HEX = 32;

/** `card:req_…`, `first:req_…:alice@acme.test`. */
export function messageKey({ kind, request, rest }: MessageKey): string {
  return rest === undefined ? `${kind}:${request}` : `${kind}:${request}:${rest}`;
}

/** Reads a key; undefined for what is none. */
export function parseMessageKey(key: string): MessageKey | undefined {
  const [kind = '', id = '', rest, ...more] = key.split(':');
  const known = KINDS.find((one) => one === kind);
  const request = parseRequestId(id);
  if (known === undefined || request === undefined || more.length > 0) return undefined;
  return { kind: known, request, ...(rest === undefined ? {} : { rest }) };
}

/** Whose direct message this is; undefined for a card or a line. */
export function recipientOf(key: MessageKey): PersonId | undefined {
  if (key.kind === 'card' || key.kind === 'line' || key.rest === undefined) return undefined;
  const name = SEVERAL.includes(key.kind) ? key.rest.replace(/^\d+~/, '') : key.rest;
  return isPrincipalId(name) ? (name as PersonId) : undefined;
}

/** The rest of the key of a person's n-th message of one kind. */
export function nth(number: number, id: PersonId): string {
  return `${number}~${id}`;
}

/** What stands in the message's metadata, which other apps can read: a hash of the key. */
export function opaqueKey(key: string): string {
  return sha256Hex(`sallyport.message.v1:${key}`).slice(0, METADATA_HEX);
}
