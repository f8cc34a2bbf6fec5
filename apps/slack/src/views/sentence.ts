/** Owns Sentence: a text with instants in it, written once, shown as rich text (reader's zone) or as plain text (UTC). */
import type { Instant } from '@sallyport/core';
import { type Block, bullets, type RichInline, richSection } from './blocks.ts';
import { shown } from './limits.ts';
import { cut, escapeMrkdwn } from './text.ts';

/** A text as it is, a moment, or a text in a fixed-width face. Texts are shown literally, whatever is in them. */
export type Piece = string | { readonly at: Instant } | { readonly code: string } | { readonly strong: string };
export type Sentence = readonly Piece[];

/** Beyond this a time of day alone could be taken for another day's. */
const SAME_DAY_MS = 20 * 3_600_000;

/** Rich text elements. `now` decides whether a time needs its date. */
export function richPieces(sentence: Sentence, now: Instant): readonly RichInline[] {
  return sentence.flatMap((piece): RichInline[] => {
    if (typeof piece === 'string') return piece === '' ? [] : [{ type: 'text', text: piece }];
    if ('code' in piece) return [{ type: 'text', text: piece.code, style: { code: true } }];
    if ('strong' in piece) return [{ type: 'text', text: piece.strong, style: { bold: true } }];
    return [dateElement(piece.at, now)];
  });
}

/** A paragraph. */
export function sentenceBlock(sentence: Sentence, now: Instant): Block {
  return richSection(richPieces(sentence, now));
}

/** Several sentences, one bullet each; nothing for none. */
export function sentenceList(sentences: readonly Sentence[], now: Instant): readonly Block[] {
  return sentences.length === 0 ? [] : [bullets(sentences.map((one) => richPieces(one, now)))];
}

/** The sentence as literal text, times in UTC: for `plain_text`. */
export function plainSentence(sentence: Sentence, now: Instant): string {
  return sentence
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      if ('code' in piece) return piece.code;
      return 'strong' in piece ? piece.strong : utcText(piece.at, now);
    })
    .join('');
}

/** Likewise for the `text` of a message, which is mrkdwn: escaped, bounded. */
export function messageText(sentence: Sentence, now: Instant): string {
  return escapeMrkdwn(cut(plainSentence(sentence, now), shown.sentence));
}

/** `18:30 UTC`, with the date when it is not today's. */
export function utcText(at: Instant, now: Instant): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  const clock = `${time.slice(0, 5)} UTC`;
  return isNear(at, now) ? clock : `${date} ${clock}`;
}

function dateElement(at: Instant, now: Instant): RichInline {
  return {
    type: 'date',
    timestamp: Math.floor(at / 1_000),
    format: isNear(at, now) ? '{time}' : '{date_short_pretty} at {time}',
    fallback: utcText(at, now),
  };
}

function isNear(at: Instant, now: Instant): boolean {
  return Math.abs(at - now) < SAME_DAY_MS;
}
