/** Owns what the page draws for each Block Kit block. */
import type { Block, BlockOf, ImageElement, TextObject, ViewValues } from '@sallyport/testkit/slack';
import { type ElementView, elementView } from './elements.ts';
import { mrkdwn } from './mrkdwn.ts';
import { richText } from './rich-text.ts';
import { type Part, type TextContext, textRun, withEmoji } from './text.ts';

/** A picture is described, not fetched: the page loads nothing from elsewhere. */
export interface ImageView {
  kind: 'image';
  text: string;
}

export type BlockView =
  | { kind: 'header'; text: string }
  | { kind: 'divider' }
  | { kind: 'section'; text: Part[]; fields: Part[][]; accessory: ElementView | ImageView | null }
  | { kind: 'context'; items: (Part[] | ImageView)[] }
  | { kind: 'actions'; elements: ElementView[] }
  | { kind: 'rich'; parts: Part[] }
  | {
      kind: 'input';
      block: string;
      label: string;
      hint: string;
      optional: boolean;
      dispatches: boolean;
      error: string;
      element: ElementView;
    };

/** What surrounds the blocks of one message or view. */
export interface BlockContext extends TextContext {
  values: ViewValues;
  /** block_id -> what is wrong with it. */
  errors: Record<string, string>;
}

/** The blocks of one message or view, in their order. */
export function blockViews(blocks: readonly Block[], context: BlockContext): BlockView[] {
  return blocks.map((block) => blockView(block, context));
}

function blockView(block: Block, context: BlockContext): BlockView {
  const elements = { ...context, block: block.block_id ?? '' };
  switch (block.type) {
    case 'header':
      return { kind: 'header', text: withEmoji(block.text.text) };
    case 'divider':
      return { kind: 'divider' };
    case 'section':
      return {
        kind: 'section',
        text: block.text === undefined ? [] : textParts(block.text, context),
        fields: (block.fields ?? []).map((field) => textParts(field, context)),
        accessory: accessoryView(block.accessory, elements),
      };
    case 'context':
      return {
        kind: 'context',
        items: block.elements.map((item) => (item.type === 'image' ? imageView(item) : textParts(item, context))),
      };
    case 'actions':
      return { kind: 'actions', elements: block.elements.map((element) => elementView(element, elements)) };
    case 'rich_text':
      return { kind: 'rich', parts: richText(block, context) };
    case 'input':
      return inputView(block, { ...elements, errors: context.errors });
    default:
      return impossible(block);
  }
}

function inputView(block: BlockOf<'input'>, context: BlockContext & { block: string }): BlockView {
  return {
    kind: 'input',
    block: context.block,
    label: withEmoji(block.label.text),
    hint: withEmoji(block.hint?.text ?? ''),
    optional: block.optional ?? false,
    dispatches: block.dispatch_action ?? false,
    error: context.errors[context.block] ?? '',
    element: elementView(block.element, context),
  };
}

function accessoryView(
  accessory: BlockOf<'section'>['accessory'],
  context: BlockContext & { block: string },
): ElementView | ImageView | null {
  if (accessory === undefined) return null;
  return accessory.type === 'image' ? imageView(accessory) : elementView(accessory, context);
}

function textParts(text: TextObject, context: TextContext): Part[] {
  if (text.type === 'mrkdwn') return mrkdwn(text.text, context);
  return [{ kind: 'paragraph', runs: [textRun(withEmoji(text.text))] }];
}

function imageView(image: ImageElement): ImageView {
  return { kind: 'image', text: image.alt_text };
}

function impossible(block: never): never {
  throw new Error(`unknown block: ${JSON.stringify(block)}`);
}
