/** Owns the reading of `rich_text` blocks: sections, lists, quotes, code. Their text is literal, markup has no meaning in it. */
import type { BlockOf, RichBlock, RichInline } from '@sallyport/testkit/slack';
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

/** A `rich_text` block as parts. */
export function richText(block: BlockOf<'rich_text'>, context: TextContext): Part[] {
  return block.elements.map((element) => richPart(element, context));
}

function richPart(element: RichBlock, context: TextContext): Part {
  switch (element.type) {
    case 'rich_text_section':
      return { kind: 'paragraph', runs: runsOf(element.elements, context) };
    case 'rich_text_quote':
      return { kind: 'quote', runs: runsOf(element.elements, context) };
    case 'rich_text_preformatted':
      return { kind: 'code', runs: runsOf(element.elements, context) };
    case 'rich_text_list':
      return {
        kind: 'list',
        ordered: element.style === 'ordered',
        indent: Math.min(element.indent ?? 0, 8),
        start: (element.offset ?? 0) + 1,
        items: element.elements.map((item) => runsOf(item.elements, context)),
      };
    default:
      return impossible(element);
  }
}

function runsOf(elements: readonly RichInline[], context: TextContext): Run[] {
  return elements.map((element) => richRun(element, context));
}

function richRun(element: RichInline, context: TextContext): Run {
  switch (element.type) {
    case 'text':
      return textRun(element.text, styleOf(element.style));
    case 'link':
      return linkRun(element.url, element.text ?? element.url, styleOf(element.style));
    case 'emoji':
      return textRun(emoji(element.name) ?? `:${element.name}:`);
    case 'user':
      return personRun(element.user_id, context);
    case 'channel':
      return channelRun(element.channel_id, context);
    case 'usergroup':
      return groupRun(element.usergroup_id, context);
    case 'broadcast':
      return broadcastRun(element.range);
    case 'date': {
      const run = timeRun(element.timestamp, element.format, element.url, context);
      const style = styleOf(element.style);
      return run.kind === 'time' && Object.keys(style).length > 0 ? { ...run, style } : run;
    }
    default:
      return impossible(element);
  }
}

type WireStyle = { [Name in keyof TextStyle]?: boolean | undefined };

function styleOf(style: WireStyle | undefined): TextStyle {
  const out: TextStyle = {};
  for (const name of ['bold', 'italic', 'strike', 'code', 'underline'] as const) {
    if (style?.[name] === true) out[name] = true;
  }
  return out;
}

function impossible(element: never): never {
  throw new Error(`unknown rich text element: ${JSON.stringify(element)}`);
}
