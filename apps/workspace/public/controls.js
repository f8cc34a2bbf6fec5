/** Owns the drawing of everything a person can press, choose from or type into, wherever it stands. */
import { play } from './act.js';
import { h, idFor } from './dom.js';
import { searchBox } from './search.js';
import { redraw, ui } from './state.js';
import { link, parts } from './text.js';

/**
 * @typedef {import('./state.js').ElementView} ElementView
 * @typedef {{ kind: 'message', channel: string, ts: string } | { kind: 'modal' | 'home', view: string }} Surface
 * @typedef {{ label?: string, labelledBy?: string, describedBy?: string, isInvalid?: boolean, isRequired?: boolean, id?: string, dispatches: boolean }} Field
 */

/** The name of a control on this page: where it stands, and which it is. @param {Surface} at @param {ElementView} view */
export function nameOf(at, view) {
  const place = at.kind === 'message' ? `${at.channel}/${at.ts}` : at.view;
  return [ui.page?.you.id, place, view.block, view.action, view.kind === 'button' ? view.value : ''].join('/');
}

/** @param {ElementView} view @param {Surface} at @param {Field} field */
export function control(view, at, field = { dispatches: true }) {
  switch (view.kind) {
    case 'button':
      return button(view, at);
    case 'select':
      return select(view, at, field);
    case 'search':
      return searchBox(view, at, field);
    case 'radio':
      return radio(view, at, field);
    case 'checks':
      return checks(view, at, field);
    case 'menu':
      return menu(view, at);
    case 'moment':
      return momentField(view, at, field);
    default:
      return textField(view, at, field);
  }
}

/**
 * Sends that a control was used, after the question it may ask first.
 * @param {ElementView} view @param {Surface} at @param {string | null | undefined} value @param {boolean} dispatches
 */
export function use(view, at, value, dispatches) {
  const name = nameOf(at, view);
  const proceed = async () => {
    if (ui.pending.has(name)) return;
    const control = { block_id: view.block, action_id: view.action };
    const act =
      at.kind === 'message'
        ? { do: 'press', channel: at.channel, ts: at.ts, ...control, value: value ?? undefined }
        : { do: 'choose', surface: at.kind, view_id: at.view, ...control, value };
    await play(act, dispatches ? { pending: name } : { isQuiet: true });
  };
  if (view.confirm && dispatches) {
    ui.confirm = { view: view.confirm, proceed };
    redraw();
  } else void proceed();
}

/** @param {Extract<ElementView, { kind: 'button' }>} view @param {Surface} at */
function button(view, at) {
  const isPending = ui.pending.has(nameOf(at, view));
  const pressed = () => {
    if (!isPending) use(view, at, at.kind === 'message' ? view.value || undefined : undefined, true);
  };
  // Another action or value is another element: the focus must not slip from "Approve" to what takes its place.
  const key = `button ${view.action} ${view.value}`;
  const common = { class: `button button-${view.tone}`, 'aria-label': view.name, on: { click: pressed } };
  if (view.href !== undefined) {
    const anchor = link(view.href, view.text);
    return { ...anchor, key, props: { ...anchor.props, ...common } };
  }
  return h(
    'button',
    {
      key,
      type: 'button',
      ...common,
      'aria-busy': isPending ? 'true' : undefined,
      'aria-disabled': isPending ? 'true' : undefined,
    },
    view.text,
  );
}

/** What is chosen now: the person's own last word, else the server's. @param {string} name @param {string | null} stored */
function current(name, stored) {
  const draft = ui.drafts.get(name);
  if (draft === stored) ui.drafts.delete(name);
  return draft === undefined ? stored : draft;
}

/** @param {ElementView} view @param {Surface} at @param {string | null} value @param {Field} field */
function chose(view, at, value, field) {
  ui.drafts.set(nameOf(at, view), value);
  redraw();
  if (at.kind !== 'message' || value !== null) use(view, at, value, field.dispatches);
}

/** @param {Field} field */
function described(field) {
  return {
    id: field.id,
    'aria-label': field.labelledBy === undefined ? field.label : undefined,
    'aria-labelledby': field.labelledBy,
    'aria-describedby': field.describedBy,
    'aria-invalid': field.isInvalid ? 'true' : undefined,
    'aria-required': field.isRequired ? 'true' : undefined,
  };
}

/** @param {Extract<ElementView, { kind: 'select' }>} view @param {Surface} at @param {Field} field */
function select(view, at, field) {
  const chosen = current(nameOf(at, view), view.chosen?.value ?? null);
  const offered = view.groups.flatMap((group) => group.choices);
  const picked =
    offered.find((choice) => choice.value === chosen) ?? (view.chosen?.value === chosen ? view.chosen : null);
  const isOffered = picked === null || offered.some((choice) => choice.value === picked.value);
  const noteId = idFor(`${nameOf(at, view)}/note`);
  const note = picked?.description;
  const options = (/** @type {import('./state.js').ChoiceView[]} */ choices) =>
    choices.map((choice) => h('option', { key: choice.value, value: choice.value }, choice.text));
  return h(
    'div',
    { class: 'select', key: `${view.block}/${view.action}` },
    h(
      'select',
      {
        ...described(field),
        'aria-label': field.id === undefined ? view.placeholder || field.label || 'Choose' : undefined,
        'aria-describedby': [note && noteId, field.describedBy].filter(Boolean).join(' ') || undefined,
        class: 'input',
        value: chosen ?? '',
        'data-first': view.first ? '' : undefined,
        on: { change: (event) => chose(view, at, event.currentTarget.value || null, field) },
      },
      h('option', { key: '', value: '' }, view.placeholder || 'Choose …'),
      view.groups.map((group) =>
        group.label === ''
          ? options(group.choices)
          : h('optgroup', { key: group.label, label: group.label }, options(group.choices)),
      ),
      picked !== null &&
        !isOffered &&
        h('option', { key: picked.value, value: picked.value }, `${picked.text} (no longer offered)`),
    ),
    note !== undefined && h('p', { class: 'hint', id: noteId }, note),
  );
}

/** @param {Extract<ElementView, { kind: 'radio' }>} view @param {Surface} at @param {Field} field */
function radio(view, at, field) {
  const chosen = current(nameOf(at, view), view.chosen);
  const group = idFor(nameOf(at, view));
  return h(
    'div',
    {
      role: 'radiogroup',
      class: 'choices',
      ...described(field),
      'aria-label': field.labelledBy ? undefined : 'Choose one',
    },
    view.choices.map((choice, index) =>
      choiceRow(choice, {
        type: 'radio',
        name: group,
        checked: choice.value === chosen,
        isFirst: view.first && index === 0,
        changed: () => chose(view, at, choice.value, field),
      }),
    ),
  );
}

/** @param {Extract<ElementView, { kind: 'checks' }>} view @param {Surface} at @param {Field} field */
function checks(view, at, field) {
  const stored = view.chosen.join(',') || null;
  const chosen = (current(nameOf(at, view), stored) ?? '').split(',').filter((value) => value !== '');
  const flip = (/** @type {string} */ value) => {
    const next = view.choices
      .map((choice) => choice.value)
      .filter((other) => (other === value ? !chosen.includes(value) : chosen.includes(other)));
    chose(view, at, next.join(',') || null, field);
  };
  return h(
    'div',
    { role: 'group', class: 'choices', ...described(field), 'aria-label': field.labelledBy ? undefined : 'Choose any' },
    view.choices.map((choice, index) =>
      choiceRow(choice, {
        type: 'checkbox',
        name: idFor(nameOf(at, view)),
        checked: chosen.includes(choice.value),
        isFirst: view.first && index === 0,
        changed: () => flip(choice.value),
      }),
    ),
  );
}

/**
 * @param {import('./state.js').ChoiceView} choice
 * @param {{ type: string, name: string, checked: boolean, isFirst: boolean, changed: () => void }} how
 */
function choiceRow(choice, { type, name, checked, isFirst, changed }) {
  const noteId = idFor(`${name}/${choice.value}/note`);
  return h(
    'label',
    { class: 'choice', key: choice.value },
    h('input', {
      type,
      name,
      checked,
      'aria-describedby': choice.description === undefined ? undefined : noteId,
      'data-first': isFirst ? '' : undefined,
      on: { change: changed },
    }),
    h(
      'span',
      null,
      choice.text,
      choice.description !== undefined && h('span', { class: 'hint', id: noteId }, choice.description),
    ),
  );
}

/** An overflow menu as a select that forgets its choice. @param {Extract<ElementView, { kind: 'menu' }>} view @param {Surface} at */
function menu(view, at) {
  return h(
    'select',
    {
      class: 'input menu',
      'aria-label': 'More actions',
      value: '',
      on: {
        change: (event) => {
          const { value } = event.currentTarget;
          event.currentTarget.value = '';
          if (value !== '') use(view, at, value, true);
        },
      },
    },
    h('option', { key: '', value: '' }, 'More …'),
    view.choices.map((choice) => h('option', { key: choice.value, value: choice.value }, choice.text)),
  );
}

/** A date and a time of day, on the reader's own clock. @param {Extract<ElementView, { kind: 'moment' }>} view @param {Surface} at @param {Field} field */
function momentField(view, at, field) {
  const value = current(nameOf(at, view), view.value);
  return h('input', {
    ...described(field),
    key: `${view.block}/${view.action}`,
    class: 'input moment',
    type: 'datetime-local',
    value: localText(value),
    'data-first': view.first ? '' : undefined,
    on: {
      change: (event) => {
        const seconds = Math.floor(new Date(event.currentTarget.value).getTime() / 1000);
        chose(view, at, Number.isNaN(seconds) ? null : String(seconds), field);
      },
    },
  });
}

/** "2026-09-15T13:00" of seconds since 1970, in this browser's zone. @param {string | null} seconds */
function localText(seconds) {
  if (seconds === null) return '';
  const at = new Date(Number(seconds) * 1000);
  const two = (/** @type {number} */ count) => String(count).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Timers of fields that dispatch while one types. @type {Map<string, ReturnType<typeof setTimeout>>} */
const typing = new Map();
const TYPING_MS = 300;

/** @param {Extract<ElementView, { kind: 'text' }>} view @param {Surface} at @param {Field} field */
function textField(view, at, field) {
  const name = nameOf(at, view);
  const value = current(name, view.value) ?? '';
  const countId = idFor(`${name}/count`);
  // Counted aloud and in sight only near the end, where it matters.
  const isCounted = value.length > view.lengthMax * 0.7;
  const isTooLong = value.length > view.lengthMax;
  const tag = view.multiline ? 'textarea' : 'input';
  return h(
    'div',
    { class: 'text-field', key: `${view.block}/${view.action}` },
    h(tag, {
      ...described(field),
      'aria-describedby': [field.describedBy, isCounted && countId].filter(Boolean).join(' ') || undefined,
      class: 'input',
      type: view.multiline ? undefined : 'text',
      rows: view.multiline ? 3 : undefined,
      autocomplete: 'off',
      placeholder: view.placeholder || undefined,
      value,
      'data-first': view.first ? '' : undefined,
      on: {
        input: (event) => typed(view, at, field, event.currentTarget.value),
        change: (event) => {
          if (!field.dispatches) use(view, at, event.currentTarget.value, false);
        },
        keydown: (event) => {
          if (event.key !== 'Enter' || event.isComposing || view.multiline) return;
          if (field.dispatches && view.onEnter) {
            event.preventDefault();
            use(view, at, event.currentTarget.value, true);
          }
        },
      },
    }),
    isCounted &&
      h(
        'p',
        { class: isTooLong ? 'count count-over' : 'count', id: countId },
        `${value.length} of ${view.lengthMax} characters`,
      ),
  );
}

/** @param {Extract<ElementView, { kind: 'text' }>} view @param {Surface} at @param {Field} field @param {string} value */
function typed(view, at, field, value) {
  const name = nameOf(at, view);
  ui.drafts.set(name, value);
  redraw();
  if (!field.dispatches || !view.onType) return;
  clearTimeout(typing.get(name));
  typing.set(
    name,
    setTimeout(() => use(view, at, value, true), TYPING_MS),
  );
}

/** What a question before an act says. @param {import('./state.js').ConfirmView} view */
export function confirmText(view) {
  return parts(view.text);
}
