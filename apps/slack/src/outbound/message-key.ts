/** Owns the key of a message: which message it is, of which request, for whom. Also its opaque form for Slack's metadata. */
import { isPrincipalId, type PersonId, parseRequestId, type RequestId } from '@sallyport/core';
import { sha256Hex } from '@sallyport/platform';

/**
 * `card`, `fallback` (the card in the fallback channel), `line` (thread), `digest` (of a requester's many), or a direct message: `first`, `decided`, `warning`, `ended` to who
 * asked, `approver`, `escalate` to who is told that nobody decides; `revised`, `question`, `answer`, `remind`, `nudge` and
 * `escalate`, of which a person may get several of one request.
 */
export type MessageKind = (typeof KINDS)[number];

export interface MessageKey {
  readonly kind: MessageKind;
  readonly request: RequestId;
  /** A person of a direct message, after `2~` where it is their second of this kind; an event of a thread line. */
  readonly rest?: string;
}

const KINDS = [
  'card',
  'fallback',
  'line',
  'digest',
  'first',
  'decided',
  'warning',
  'ended',
  'approver',
  'remind',
  'nudge',
  'escalate',
  'revised',
  'question',
  'answer',
] as const;
const TO_CHANNELS: readonly MessageKind[] = ['card', 'fallback', 'line', 'digest'];
const SEVERAL: readonly MessageKind[] = ['revised', 'question', 'answer', 'remind', 'nudge', 'escalate'];
const METADATA_HEX = 32;

/** `card:req_…`, `first:req_…:alice@acme.test`, `remind:req_…:2~bob@acme.test`. */
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
  if (TO_CHANNELS.includes(key.kind) || key.rest === undefined) return undefined;
  const name = SEVERAL.includes(key.kind) ? key.rest.replace(/^\d+~/, '') : key.rest;
  return isPrincipalId(name) ? (name as PersonId) : undefined;
}

/** The rest of the key of a person's n-th message of one kind. */
export function nth(number: number, id: PersonId): string {
  return `${number}~${id}`;
}

/** Which of a person's messages of one kind it is; undefined where there is only one. */
export function numberOf({ kind, rest = '' }: MessageKey): number | undefined {
  const found = SEVERAL.includes(kind) ? /^(\d{1,9})~/.exec(rest) : null;
  return found === null ? undefined : Number(found[1]);
}

/** What stands in the message's metadata, which other apps can read: a hash of the key. */
export function opaqueKey(key: string): string {
  return sha256Hex(`sallyport.message.v1:${key}`).slice(0, METADATA_HEX);
}
