/** Owns the reading of Slack's mrkdwn: what becomes bold, a quote, a link or a mention here would become one there. */
import {
  broadcastRun,
  channelRun,
  emoji,
  groupRun,
  linkRun,
  type Part,
  personRun,
  type Run,
  type TextContext,
  type TextStyle,
  textRun,
  timeRun,
} from './text.ts';

const NESTING_MAX = 4;
const MARKS = { '*': 'bold', _: 'italic', '~': 'strike' } as const;
type Mark = keyof typeof MARKS;

/** mrkdwn as parts: ``` fences are code, lines that start with `>` a quote, the rest paragraphs. */
export function mrkdwn(text: string, context: TextContext): Part[] {
  const pieces = text.split('```');
  return pieces.flatMap((piece, index) => {
    const isFenced = index % 2 === 1 && index < pieces.length - 1;
    if (!isFenced) return lines(piece, context);
    return [{ kind: 'code' as const, runs: [textRun(unescaped(piece.replace(/^\n|\n$/g, '')))] }];
  });
}

/** mrkdwn of one line as runs. */
export function inline(text: string, context: TextContext): Run[] {
  return merged(runs(text, {}, context, 0));
}

function lines(text: string, context: TextContext): Part[] {
  const groups: { kind: 'paragraph' | 'quote'; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const quoted = /^(?:&gt;|>) ?/.exec(line);
    const kind = quoted === null ? 'paragraph' : 'quote';
    const bare = quoted === null ? line : line.slice(quoted[0].length);
    const last = groups.at(-1);
    if (last?.kind === kind) last.lines.push(bare);
    else groups.push({ kind, lines: [bare] });
  }
  return groups.flatMap(({ kind, lines: gathered }) => {
    const joined = gathered.join('\n').replace(/^\n+|\n+$/g, '');
    return joined === '' ? [] : [{ kind, runs: inline(joined, context) }];
  });
}

function runs(text: string, style: TextStyle, context: TextContext, depth: number): Run[] {
  const out: Run[] = [];
  let plain = '';
  let at = 0;
  const flush = () => {
    if (plain !== '') out.push(textRun(unescaped(plain), style));
    plain = '';
  };
  while (at < text.length) {
    const found = special(text, at, style, context, depth);
    if (found === null) {
      plain += text.charAt(at);
      at += 1;
    } else {
      flush();
      out.push(...found.runs);
      at = found.end;
    }
  }
  flush();
  return out;
}

interface Found {
  runs: Run[];
  end: number;
}

function special(text: string, at: number, style: TextStyle, context: TextContext, depth: number): Found | null {
  const char = text.charAt(at);
  if (char === '<') return entity(text, at, style, context);
  if (char === '`') return code(text, at, style);
  if (char === ':') return emojiAt(text, at, style);
  if (char === 'h' && !isWord(text.charAt(at - 1))) return bareLink(text, at, style);
  if (depth < NESTING_MAX && isMark(char)) return marked(text, at, char, style, context, depth);
  return null;
}

function marked(
  text: string,
  at: number,
  mark: Mark,
  style: TextStyle,
  context: TextContext,
  depth: number,
): Found | null {
  if (isWord(text.charAt(at - 1)) || isSpace(text.charAt(at + 1)) || text.charAt(at + 1) === mark) return null;
  for (let end = text.indexOf(mark, at + 2); end !== -1; end = text.indexOf(mark, end + 1)) {
    if (text.slice(at, end).includes('\n')) return null;
    if (isSpace(text.charAt(end - 1)) || isWord(text.charAt(end + 1))) continue;
    const inner = runs(text.slice(at + 1, end), { ...style, [MARKS[mark]]: true }, context, depth + 1);
    return { runs: inner, end: end + 1 };
  }
  return null;
}

function code(text: string, at: number, style: TextStyle): Found | null {
  const end = text.indexOf('`', at + 1);
  const inner = text.slice(at + 1, end);
  if (end === -1 || inner === '' || inner.includes('\n')) return null;
  return { runs: [textRun(unescaped(inner), { ...style, code: true })], end: end + 1 };
}

function emojiAt(text: string, at: number, style: TextStyle): Found | null {
  const name = /^:([a-z0-9_+-]{1,32}):/.exec(text.slice(at, at + 34));
  const char = name?.[1] === undefined ? undefined : emoji(name[1]);
  return name === null || char === undefined ? null : { runs: [textRun(char, style)], end: at + name[0].length };
}

/** Slack links bare addresses by itself, whoever wrote them. */
function bareLink(text: string, at: number, style: TextStyle): Found | null {
  const found = /^https?:\/\/[^\s<>|`*]+[^\s<>|`*.,;:!?)'"]/.exec(text.slice(at, at + 2000));
  if (found === null) return null;
  const address = unescaped(found[0]);
  return { runs: [linkRun(address, address, style)], end: at + found[0].length };
}

function entity(text: string, at: number, style: TextStyle, context: TextContext): Found | null {
  const end = text.indexOf('>', at);
  const inner = text.slice(at + 1, end);
  if (end === -1 || inner === '' || inner.includes('\n') || inner.includes('<')) return null;
  return { runs: [entityRun(inner, style, context)], end: end + 1 };
}

function entityRun(inner: string, style: TextStyle, context: TextContext): Run {
  const bar = inner.indexOf('|');
  const target = bar === -1 ? inner : inner.slice(0, bar);
  const label = bar === -1 ? undefined : unescaped(inner.slice(bar + 1));
  if (target.startsWith('@')) return personRun(target.slice(1), context);
  if (target.startsWith('#')) return channelRun(target.slice(1), context);
  if (target.startsWith('!subteam^')) return groupRun(target.slice('!subteam^'.length), context);
  if (target.startsWith('!date^')) return dateRun(target, label, context);
  if (target.startsWith('!')) return broadcastRun(target.slice(1));
  const address = unescaped(target);
  return linkRun(address, label ?? address, style);
}

function dateRun(target: string, fallback: string | undefined, context: TextContext): Run {
  const [, seconds, format, url] = target.split('^');
  const at = Number(seconds);
  if (!Number.isSafeInteger(at) || format === undefined) return textRun(fallback ?? target);
  return timeRun(at, unescaped(format), url, context);
}

function merged(found: Run[]): Run[] {
  const out: Run[] = [];
  for (const run of found) {
    const last = out.at(-1);
    if (last?.kind === 'text' && run.kind === 'text' && JSON.stringify(last.style) === JSON.stringify(run.style)) {
      out[out.length - 1] = { ...last, text: last.text + run.text };
    } else out.push(run);
  }
  return out;
}

function unescaped(text: string): string {
  return text.replace(/&(lt|gt|amp);/g, (_, name: string) => (name === 'lt' ? '<' : name === 'gt' ? '>' : '&'));
}

function isMark(char: string): char is Mark {
  return char === '*' || char === '_' || char === '~';
}

function isWord(char: string): boolean {
  return /[\p{L}\p{N}]/u.test(char);
}

function isSpace(char: string): boolean {
  return char === '' || /\s/.test(char);
}
