/** Owns what people have typed and chosen: initial values, keeping them across updates, what the client checks before sending. */
import { type Block, type Element, type Option, optionsOf } from './blocks.ts';
import { elementsOf } from './locate.ts';
import type { ElementValue, Located, ViewValues } from './model.ts';

/** The value an element starts with; undefined for elements without state (buttons, overflow menus). */
export function initialValue(element: Element): ElementValue | undefined {
  switch (element.type) {
    case 'plain_text_input':
      return { type: element.type, value: element.initial_value ?? null };
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
      return { type: element.type, selected_option: element.initial_option ?? null };
    case 'checkboxes':
      return { type: element.type, selected_options: element.initial_options ?? [] };
    case 'datetimepicker':
      return { type: element.type, selected_date_time: element.initial_date_time ?? null };
    case 'button':
    case 'overflow':
      return undefined;
  }
}

/**
 * State of a view after its blocks changed. A value stays where block_id, action_id and element type stay, even if the
 * option is no longer offered: that is what Slack does, and why a server must check what it is sent.
 */
export function valuesFor(blocks: readonly Block[], before: ViewValues = {}): ViewValues {
  const values: ViewValues = {};
  for (const { block_id, element } of elementsOf(blocks)) {
    const initial = initialValue(element);
    if (!initial) continue;
    const actionId = element.action_id ?? '';
    const kept = before[block_id]?.[actionId];
    values[block_id] = { ...values[block_id], [actionId]: kept?.type === initial.type ? kept : initial };
  }
  return values;
}

/** The new state of an element for what a person chose or typed, or a sentence why it cannot be. */
export function choose(
  element: Element,
  value: string | null,
  offered: readonly Option[],
  force: boolean,
): { ok: true; value: ElementValue } | { ok: false; why: string } {
  const pick = (wanted: string, options: readonly Option[]): Option | undefined =>
    options.find((o) => o.value === wanted) ??
    (force ? { text: { type: 'plain_text', text: wanted }, value: wanted } : undefined);
  const missing = (wanted: string) => ({ ok: false as const, why: `"${wanted}" is not offered there` });

  switch (element.type) {
    case 'plain_text_input':
      return { ok: true, value: { type: element.type, value: value === '' ? null : value } };
    case 'checkboxes': {
      const picked = (value ?? '').split(',').filter((v) => v !== '');
      const options = picked.map((v) => pick(v, element.options));
      const wrong = picked.find((_, i) => options[i] === undefined);
      if (wrong !== undefined) return missing(wrong);
      return { ok: true, value: { type: element.type, selected_options: options.filter((o) => o !== undefined) } };
    }
    case 'static_select':
    case 'external_select':
    case 'radio_buttons': {
      if (value === null) return { ok: true, value: { type: element.type, selected_option: null } };
      const all = element.type === 'external_select' ? offered : optionsOf(element);
      const option = pick(value, all);
      return option ? { ok: true, value: { type: element.type, selected_option: option } } : missing(value);
    }
    case 'datetimepicker': {
      if (value === null || value === '') return { ok: true, value: { type: element.type, selected_date_time: null } };
      if (!/^\d{10}$/.test(value)) return { ok: false, why: `"${value}" is no time in seconds since 1970` };
      return { ok: true, value: { type: element.type, selected_date_time: Number(value) } };
    }
    case 'button':
    case 'overflow':
      return { ok: false, why: `a ${element.type} holds no value` };
  }
}

/** What Slack's client says under a field before it sends anything, or undefined. */
export function clientComplaint(at: Located, state: ElementValue | undefined): string | undefined {
  if (at.block.type !== 'input') return undefined;
  const empty = isEmpty(state);
  if (empty) return at.block.optional ? undefined : 'Please complete this required field.';
  if (at.element.type !== 'plain_text_input' || state?.type !== 'plain_text_input') return undefined;
  const length = (state.value ?? '').length;
  const { min_length: min = 0, max_length: max = 3000 } = at.element;
  if (length > max) return `This entry is too long. Please shorten it by ${length - max} characters.`;
  return length < min ? `This entry needs at least ${min} characters.` : undefined;
}

/** A value in short: text, option value, or option values joined by commas; null if empty. */
export function plainValue(state: ElementValue | undefined): string | null {
  if (state === undefined) return null;
  if (state.type === 'plain_text_input') return state.value;
  if (state.type === 'checkboxes') return state.selected_options.map((o) => o.value).join(',') || null;
  if (state.type === 'datetimepicker')
    return state.selected_date_time === null ? null : String(state.selected_date_time);
  return state.selected_option?.value ?? null;
}

function isEmpty(state: ElementValue | undefined): boolean {
  return plainValue(state) === null || plainValue(state) === '';
}
