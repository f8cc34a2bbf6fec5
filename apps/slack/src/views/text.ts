/** Owns making foreign text safe to show: what is invisible or turns the reading direction goes, what is too long is cut. */
import { visibleText } from '@sallyport/platform';

const CUT_TAIL = '…';
/** Said where the Details button shows the whole text. */
export const CUT_TAIL_DETAILS = '… (cut, press Details)';
const NOTHING_VISIBLE = '(no visible text)';

/** Line and paragraph separators are line breaks to a reader. */
const LINE_BREAKS = /\r\n?|[\u2028\u2029]/g;

/** The text as it may be shown in `plain_text` or a rich text element: line breaks kept, nothing invisible in it. */
export function visible(text: string): string {
  return visibleText(text.replace(LINE_BREAKS, '\n'));
}

/** Likewise in one line; never empty. */
export function oneLine(text: string): string {
  const line = visible(text).replace(/\s+/g, ' ').trim();
  return line === '' ? NOTHING_VISIBLE : line;
}

/** Likewise as a paragraph of its own: outer white space gone, at most one empty line in a row; never empty. */
export function paragraph(text: string): string {
  const shown = visible(text)
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return shown === '' ? NOTHING_VISIBLE : shown;
}

/** Cuts to at most `lengthMax` UTF-16 units, tail included, never inside a surrogate pair. */
export function cut(text: string, lengthMax: number, tail: string = CUT_TAIL): string {
  if (text.length <= lengthMax) return text;
  const kept = text.slice(0, Math.max(0, lengthMax - tail.length));
  const whole = /[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept;
  return `${whole}${tail}`.slice(0, lengthMax);
}

/** For mrkdwn and the `text` of a message: the three characters that begin something there. */
export function escapeMrkdwn(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** What a slash command brought: Slack escaped it, and phones turn quotes into typographic ones. */
export function unescapeTyped(text: string): string {
  return text
    .replace(/[\u201c\u201d\u201e]/g, '"')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
