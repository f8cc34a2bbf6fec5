/** Owns the page's vocabulary of text: runs with a style, grouped into paragraphs, quotes, code and lists. Never HTML. */
import { isoTime, type Reader, slackDate } from './dates.ts';

export interface TextStyle {
  bold?: true;
  italic?: true;
  strike?: true;
  code?: true;
  underline?: true;
}

/** A stretch of text that is drawn in one way. `href` is http, https or mailto, never anything else. */
export type Run =
  | { kind: 'text'; text: string; style?: TextStyle }
  | { kind: 'link'; text: string; href: string; style?: TextStyle }
  | { kind: 'mention'; text: string; of: 'person' | 'channel' | 'group' | 'broadcast'; you: boolean }
  | { kind: 'time'; text: string; iso: string; href?: string; style?: TextStyle };

/** A block of text. Line breaks inside runs are kept. */
export type Part =
  | { kind: 'paragraph' | 'quote' | 'code'; runs: Run[] }
  | { kind: 'list'; ordered: boolean; indent: number; start: number; items: Run[][] };

/** What a text needs to know about its surroundings: who reads, when, and how ids are called. */
export interface TextContext {
  me: string;
  reader: Reader;
  person(id: string): string | undefined;
  channel(id: string): string | undefined;
  group(id: string): { name: string; mine: boolean } | undefined;
}

/** The address if a page may link to it, else undefined. */
export function safeHref(address: string): string | undefined {
  if (address.length > 3000) return undefined;
  try {
    const url = new URL(address);
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** A text run; the style is left out when it is empty. */
export function textRun(text: string, style: TextStyle = {}): Run {
  return isEmpty(style) ? { kind: 'text', text } : { kind: 'text', text, style };
}

/** A link, or its words alone where the address is none a page may link to. */
export function linkRun(address: string, text: string, style: TextStyle = {}): Run {
  const href = safeHref(address);
  if (href === undefined) return textRun(text, style);
  return isEmpty(style) ? { kind: 'link', text, href } : { kind: 'link', text, href, style };
}

/** `@Name` for a person id; an unknown id stays readable as it is. */
export function personRun(id: string, context: TextContext): Run {
  return { kind: 'mention', of: 'person', text: `@${context.person(id) ?? id}`, you: id === context.me };
}

/** `#name` for a channel id. */
export function channelRun(id: string, context: TextContext): Run {
  return { kind: 'mention', of: 'channel', text: `#${context.channel(id) ?? id}`, you: false };
}

/** `@group` for a user group id. */
export function groupRun(id: string, context: TextContext): Run {
  const group = context.group(id);
  return { kind: 'mention', of: 'group', text: `@${group?.name ?? id}`, you: group?.mine ?? false };
}

/** `@channel`, `@here`, `@everyone`: they concern whoever reads. */
export function broadcastRun(range: string): Run {
  return { kind: 'mention', of: 'broadcast', text: `@${range}`, you: true };
}

/** A moment in the reader's zone. `at` in seconds; `format` with Slack's date tokens. */
export function timeRun(at: number, format: string, url: string | undefined, context: TextContext): Run {
  const href = url === undefined ? undefined : safeHref(url);
  const run = { kind: 'time' as const, text: slackDate(at, format, context.reader), iso: isoTime(at) };
  return href === undefined ? run : { ...run, href };
}

const EMOJI: Record<string, string> = {
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  x: '❌',
  warning: '⚠️',
  no_entry: '⛔',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  lock: '🔒',
  unlock: '🔓',
  key: '🔑',
  bell: '🔔',
  rotating_light: '🚨',
  eyes: '👀',
  wave: '👋',
  tada: '🎉',
  information_source: 'ℹ️',
  '+1': '👍',
  '-1': '👎',
};

/** The character for an emoji name, or undefined where this page does not know it. */
export function emoji(name: string): string | undefined {
  return Object.hasOwn(EMOJI, name) ? EMOJI[name] : undefined;
}

/** Known `:names:` as characters; everything else stays. */
export function withEmoji(text: string): string {
  return text.replace(/:([a-z0-9_+-]{1,32}):/g, (whole, name: string) => emoji(name) ?? whole);
}

function isEmpty(style: TextStyle): boolean {
  return Object.keys(style).length === 0;
}
