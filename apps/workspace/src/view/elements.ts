/** Owns what the page draws for each thing a person can press, choose from or type into. */
import type { Confirm, Element, ElementOf, ElementValue, Option, ViewValues } from '@sallyport/testkit/slack';
import { mrkdwn } from './mrkdwn.ts';
import { type Part, type TextContext, textRun, withEmoji } from './text.ts';

export interface ChoiceView {
  value: string;
  text: string;
  description?: string;
}

export interface ConfirmView {
  title: string;
  text: Part[];
  confirm: string;
  deny: string;
  danger: boolean;
}

interface Place {
  block: string;
  action: string;
  confirm?: ConfirmView;
}

/** One control. `block` and `action` say what to send back when it is used. */
export type ElementView =
  | (Place & {
      kind: 'button';
      text: string;
      /** The accessible name where it is more than the text. */
      name?: string;
      tone: 'plain' | 'primary' | 'danger';
      value: string;
      href?: string;
    })
  | (Place & { kind: 'select'; placeholder: string; groups: ChoiceGroup[]; chosen: ChoiceView | null; first: boolean })
  | (Place & { kind: 'search'; placeholder: string; minimum: number; chosen: ChoiceView | null; first: boolean })
  | (Place & { kind: 'radio'; choices: ChoiceView[]; chosen: string | null; first: boolean })
  | (Place & { kind: 'checks'; choices: ChoiceView[]; chosen: string[]; first: boolean })
  | (Place & { kind: 'menu'; choices: ChoiceView[] })
  /** A moment; `value` in seconds since 1970. */
  | (Place & { kind: 'moment'; value: string | null; first: boolean })
  | (Place & {
      kind: 'text';
      multiline: boolean;
      placeholder: string;
      value: string;
      lengthMin: number;
      lengthMax: number;
      onEnter: boolean;
      onType: boolean;
      first: boolean;
    });

export interface ChoiceGroup {
  label: string;
  choices: ChoiceView[];
}

/** The surroundings of an element: its block, what was chosen so far, how to read text. */
export interface ElementContext extends TextContext {
  block: string;
  values: ViewValues;
}

/** An element of a block as the page draws it. Its state is the stored one, else its initial one. */
export function elementView(element: Element, context: ElementContext): ElementView {
  const place = placeOf(element, context);
  const stored = context.values[context.block]?.[place.action];
  switch (element.type) {
    case 'button':
      return buttonView(element, place);
    case 'static_select':
      return { ...place, kind: 'select', ...emptyText(element), groups: groupsOf(element), ...chosen(stored, element) };
    case 'external_select':
      return {
        ...place,
        kind: 'search',
        ...emptyText(element),
        minimum: element.min_query_length ?? 3,
        ...chosen(stored, element),
      };
    case 'radio_buttons': {
      const { chosen: one, first } = chosen(stored, element);
      return { ...place, kind: 'radio', choices: element.options.map(choice), chosen: one?.value ?? null, first };
    }
    case 'checkboxes':
      return checksView(element, place, stored);
    case 'overflow':
      return { ...place, kind: 'menu', choices: element.options.map(choice) };
    case 'datetimepicker':
      return momentView(element, place, stored);
    case 'plain_text_input':
      return textView(element, place, stored);
    default:
      return impossible(element);
  }
}

function buttonView(element: ElementOf<'button'>, place: Place): ElementView {
  const text = withEmoji(element.text.text);
  const name = element.accessibility_label;
  return {
    ...place,
    kind: 'button',
    text,
    tone: element.style ?? 'plain',
    value: element.value ?? '',
    ...(name === undefined || name === text ? {} : { name }),
    ...(element.url === undefined ? {} : { href: element.url }),
  };
}

function checksView(element: ElementOf<'checkboxes'>, place: Place, stored: ElementValue | undefined): ElementView {
  const picked = stored?.type === 'checkboxes' ? stored.selected_options : (element.initial_options ?? []);
  return {
    ...place,
    kind: 'checks',
    choices: element.options.map(choice),
    chosen: picked.map((option) => option.value),
    first: element.focus_on_load ?? false,
  };
}

function momentView(element: ElementOf<'datetimepicker'>, place: Place, stored: ElementValue | undefined): ElementView {
  const isMoment = stored?.type === 'datetimepicker';
  const at = isMoment ? stored.selected_date_time : (element.initial_date_time ?? null);
  return { ...place, kind: 'moment', value: at === null ? null : String(at), first: element.focus_on_load ?? false };
}

function textView(element: ElementOf<'plain_text_input'>, place: Place, stored: ElementValue | undefined): ElementView {
  const on = element.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed'];
  const value = stored?.type === 'plain_text_input' ? stored.value : element.initial_value;
  return {
    ...place,
    kind: 'text',
    multiline: element.multiline ?? false,
    ...emptyText(element),
    value: value ?? '',
    lengthMin: element.min_length ?? 0,
    lengthMax: element.max_length ?? 3000,
    onEnter: on.includes('on_enter_pressed'),
    onType: on.includes('on_character_entered'),
    first: element.focus_on_load ?? false,
  };
}

function placeOf(element: Element, context: ElementContext): Place {
  const place = { block: context.block, action: element.action_id ?? '' };
  const confirm = 'confirm' in element ? element.confirm : undefined;
  return confirm === undefined ? place : { ...place, confirm: confirmView(confirm, context) };
}

function confirmView(confirm: Confirm, context: TextContext): ConfirmView {
  const { text } = confirm;
  return {
    title: withEmoji(confirm.title.text),
    text:
      text.type === 'mrkdwn'
        ? mrkdwn(text.text, context)
        : [{ kind: 'paragraph', runs: [textRun(withEmoji(text.text))] }],
    confirm: confirm.confirm.text,
    deny: confirm.deny.text,
    danger: confirm.style === 'danger',
  };
}

function groupsOf(element: ElementOf<'static_select'>): ChoiceGroup[] {
  if (element.options !== undefined) return [{ label: '', choices: element.options.map(choice) }];
  return (element.option_groups ?? []).map((group) => ({
    label: group.label.text,
    choices: group.options.map(choice),
  }));
}

/** An option with its words; mrkdwn in options is drawn as it is written. */
export function choice(option: Option): ChoiceView {
  const view = { value: option.value, text: withEmoji(option.text.text) };
  return option.description === undefined ? view : { ...view, description: withEmoji(option.description.text) };
}

function chosen(
  stored: ElementValue | undefined,
  element: { initial_option?: Option | undefined; focus_on_load?: boolean | undefined },
): { chosen: ChoiceView | null; first: boolean } {
  const isSelect = stored !== undefined && 'selected_option' in stored;
  const option = isSelect ? stored.selected_option : (element.initial_option ?? null);
  return { chosen: option === null ? null : choice(option), first: element.focus_on_load ?? false };
}

function emptyText(element: { placeholder?: { text: string } | undefined }): { placeholder: string } {
  return { placeholder: element.placeholder?.text ?? '' };
}

function impossible(element: never): never {
  throw new Error(`unknown element: ${JSON.stringify(element)}`);
}
