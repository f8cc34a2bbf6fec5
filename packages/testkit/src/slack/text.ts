/** Renders blocks to what a person reads, and lists what in them acts (mentions, links). */
import type { Block, Element, RichBlock, RichInline, TextObject } from './blocks.ts';
import { optionsOf } from './blocks.ts';

/** Names to show for ids; an unknown id is shown as it is. */
export interface Names {
  users?: Record<string, { real_name: string }>;
  channels?: Record<string, { name: string }>;
}

/** What a person reads, one line per block or row; formatting marks of mrkdwn removed, dates by their fallback. */
export function plainText(blocks: readonly Block[] | undefined, names: Names = {}): string {
  return (blocks ?? [])
    .flatMap((block) => linesOf(block, names))
    .join('\n')
    .trim();
}

/** A text object, or mrkdwn given as a string, as a person reads it. */
export function readable(text: TextObject | string, names: Names = {}): string {
  if (typeof text === 'string') return unmark(text, names);
  return text.type === 'plain_text' ? text.text : unmark(text.text, names);
}

/** Something that does more than be read. */
export interface Acting {
  kind: 'user' | 'channel' | 'usergroup' | 'broadcast' | 'link';
  target: string;
}

/** Mentions and links that really act, in mrkdwn, rich text and the fallback text. Literal text is not among them. */
export function actingParts(blocks: readonly Block[] | undefined, text = ''): Acting[] {
  return [...mrkdwnActs(text), ...collect(blocks ?? [])];
}

function linesOf(block: Block, names: Names): string[] {
  switch (block.type) {
    case 'header':
      return [block.text.text];
    case 'divider':
      return ['---'];
    case 'section':
      return [
        ...(block.text ? [readable(block.text, names)] : []),
        ...(block.fields ?? []).map((f) => readable(f, names)),
        ...(block.accessory && block.accessory.type !== 'image' ? [elementText(block.accessory)] : []),
      ];
    case 'context':
      return [block.elements.map((e) => (e.type === 'image' ? e.alt_text : readable(e, names))).join(' ')];
    case 'actions':
      return [block.elements.map(elementText).join(' ')];
    case 'input':
      return [block.label.text, elementText(block.element), ...(block.hint ? [block.hint.text] : [])];
    case 'rich_text':
      return block.elements.flatMap((e) => richLines(e, names));
  }
}

/** `[Approve]`, `(select: 3 options)`: so that a test can read where the buttons are. */
function elementText(element: Element): string {
  switch (element.type) {
    case 'button':
      return `[${element.text.text}]`;
    case 'plain_text_input':
      return `(text${element.initial_value ? `: ${element.initial_value}` : ''})`;
    case 'external_select':
      return `(search${element.initial_option ? `: ${element.initial_option.text.text}` : ''})`;
    case 'datetimepicker':
      return '(date and time)';
    case 'overflow':
      return `(menu: ${element.options.map((o) => readable(o.text)).join(' | ')})`;
    default:
      return `(choose: ${optionsOf(element)
        .map((o) => readable(o.text))
        .join(' | ')})`;
  }
}

function richLines(block: RichBlock, names: Names): string[] {
  switch (block.type) {
    case 'rich_text_list':
      return block.elements.map(
        (s, i) => `${block.style === 'ordered' ? `${i + 1}.` : '•'} ${inline(s.elements, names)}`,
      );
    case 'rich_text_quote':
      return inline(block.elements, names)
        .split('\n')
        .map((line) => `> ${line}`);
    default:
      return [inline(block.elements, names)];
  }
}

function inline(parts: readonly RichInline[], names: Names): string {
  return parts.map((part) => inlineText(part, names)).join('');
}

function inlineText(part: RichInline, names: Names): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'link':
      return part.text ?? part.url;
    case 'emoji':
      return `:${part.name}:`;
    case 'user':
      return `@${names.users?.[part.user_id]?.real_name ?? part.user_id}`;
    case 'channel':
      return `#${names.channels?.[part.channel_id]?.name ?? part.channel_id}`;
    case 'usergroup':
      return `@${part.usergroup_id}`;
    case 'broadcast':
      return `@${part.range}`;
    case 'date':
      return part.fallback ?? new Date(part.timestamp * 1000).toISOString();
  }
}

/** mrkdwn as it is shown: <…> parts resolved, emphasis marks gone, entities decoded. */
function unmark(text: string, names: Names): string {
  return text
    .replace(/<([^<>]*)>/g, (_, inner: string) => angle(inner, names))
    .replace(/(^|[\s(])([*_~`])(?=\S)([^\n]*?\S)\2(?=[\s).,;:!?]|$)/g, '$1$3')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}

function angle(inner: string, names: Names): string {
  const [target = '', label] = inner.split('|');
  if (target.startsWith('@')) return `@${names.users?.[target.slice(1)]?.real_name ?? label ?? target.slice(1)}`;
  if (target.startsWith('#')) return `#${names.channels?.[target.slice(1)]?.name ?? label ?? target.slice(1)}`;
  if (target.startsWith('!date^')) return label ?? target;
  if (target.startsWith('!')) return label ?? `@${target.slice(1)}`;
  return label ?? target;
}

function mrkdwnActs(text: string): Acting[] {
  return [...text.matchAll(/<([^<>]+)>/g)].flatMap((match): Acting[] => {
    const target = (match[1] ?? '').split('|')[0] ?? '';
    if (target.startsWith('@')) return [{ kind: 'user', target: target.slice(1) }];
    if (target.startsWith('#')) return [{ kind: 'channel', target: target.slice(1) }];
    if (target.startsWith('!subteam^')) return [{ kind: 'usergroup', target: target.slice(9) }];
    if (target.startsWith('!date^')) return [];
    if (target.startsWith('!')) return [{ kind: 'broadcast', target: target.slice(1) }];
    return [{ kind: 'link', target }];
  });
}

/** Walks blocks for mrkdwn texts and rich text parts. */
function collect(value: unknown): Acting[] {
  if (Array.isArray(value)) return value.flatMap(collect);
  if (typeof value !== 'object' || value === null) return [];
  const part = value as Partial<Record<string, unknown>>;
  const own = richAct(part);
  return own ? [own] : part.type === 'mrkdwn' ? mrkdwnActs(String(part.text)) : Object.values(part).flatMap(collect);
}

function richAct(part: Partial<Record<string, unknown>>): Acting | undefined {
  switch (part.type) {
    case 'user':
      return { kind: 'user', target: String(part.user_id) };
    case 'channel':
      return { kind: 'channel', target: String(part.channel_id) };
    case 'usergroup':
      return { kind: 'usergroup', target: String(part.usergroup_id) };
    case 'broadcast':
      return { kind: 'broadcast', target: String(part.range) };
    case 'link':
      return { kind: 'link', target: String(part.url) };
    default:
      return undefined;
  }
}
