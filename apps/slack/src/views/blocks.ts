/** Owns the few Block Kit parts we use. Foreign text goes only into `plain_text` and rich text; mrkdwn is not used at all. */
import type { types } from '@slack/bolt';
import { limits } from './limits.ts';
import { cut } from './text.ts';

export type Block = types.KnownBlock;
export type ModalView = types.ModalView;
export type HomeView = types.HomeView;
export type PlainText = types.PlainTextElement;
export type PlainOption = types.PlainTextOption;
export type Button = types.Button;
export type RichInline = types.RichTextElement;

/** What is sent: always both, for `text` is what notifications and screen readers have. */
export interface Message {
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** Plain text; no emoji codes, for they could be foreign. */
export function plain(text: string, lengthMax: number = limits.plainText): PlainText {
  return { type: 'plain_text', text: cut(text, lengthMax), emoji: false };
}

/** An option of a list. Value and text must fit: values are ids of the policy. */
export function option(value: string, text: string, description?: string): PlainOption {
  return {
    value,
    text: plain(text, limits.optionText),
    ...(description === undefined ? {} : { description: plain(description, limits.optionDescription) }),
  };
}

export interface ButtonParts {
  readonly id: string;
  readonly text: string;
  readonly value?: string;
  readonly url?: string;
  readonly style?: 'primary' | 'danger';
  /** What the label adds to the button's text: "request req_…". */
  readonly about: string;
  readonly confirm?: { readonly title: string; readonly text: string; readonly yes: string; readonly no: string };
}

/** A button. Its accessible name starts with its text. */
export function button({ id, text, value, url, style, about, confirm }: ButtonParts): Button {
  return {
    type: 'button',
    action_id: id,
    text: plain(text, limits.buttonText),
    ...(value === undefined ? {} : { value }),
    ...(url === undefined ? {} : { url }),
    ...(style === undefined ? {} : { style }),
    accessibility_label: cut(`${text} ${about}`, limits.accessibilityLabel),
    ...(confirm === undefined
      ? {}
      : {
          confirm: {
            title: plain(confirm.title, limits.confirmTitle),
            text: plain(confirm.text, limits.confirmText),
            confirm: plain(confirm.yes, limits.confirmButton),
            deny: plain(confirm.no, limits.confirmButton),
          },
        }),
  };
}

/** A row of buttons, or nothing if there is none. */
export function buttonRow(buttons: readonly Button[]): readonly Block[] {
  return buttons.length === 0 ? [] : [{ type: 'actions', elements: [...buttons] }];
}

/** One paragraph of rich text. */
export function richSection(elements: readonly RichInline[]): Block {
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [...elements] }] };
}

/** A list of rich text, one bullet each. */
export function bullets(items: readonly (readonly RichInline[])[]): Block {
  const elements = items.map((item) => ({ type: 'rich_text_section' as const, elements: [...item] }));
  return { type: 'rich_text', elements: [{ type: 'rich_text_list', style: 'bullet', elements }] };
}

/** Somebody's own words, as a quote. */
export function quote(text: string): Block {
  return { type: 'rich_text', elements: [{ type: 'rich_text_quote', elements: [{ type: 'text', text }] }] };
}

/** Small print. */
export function context(text: string): Block {
  return { type: 'context', elements: [plain(text)] };
}

export function header(text: string): Block {
  return { type: 'header', text: plain(text, limits.header) };
}
