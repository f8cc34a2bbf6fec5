/** Owns the drawing of Block Kit blocks. */
import { control } from './controls.js';
import { h, idFor } from './dom.js';
import { icon } from './icons.js';
import { parts } from './text.js';

/**
 * @typedef {import('../src/view/blocks.ts').BlockView} BlockView
 * @typedef {import('../src/view/blocks.ts').ImageView} ImageView
 * @typedef {import('./controls.js').Surface} Surface
 */

/**
 * Blocks keep their elements while kind and place in the row stay, even where the app gave them new ids.
 * @param {BlockView[]} views @param {Surface} at @param {'h2' | 'h3' | 'h4'} heading
 */
export function blocks(views, at, heading = 'h3') {
  /** @type {Map<string, number>} */
  const seen = new Map();
  return views.map((view) => {
    const count = (seen.get(view.kind) ?? 0) + 1;
    seen.set(view.kind, count);
    const key = view.kind === 'input' ? `input ${view.block} ${view.element.action}` : `${view.kind} ${count}`;
    return block(view, at, heading, key);
  });
}

/** @param {BlockView} view @param {Surface} at @param {string} heading @param {string} key */
function block(view, at, heading, key) {
  switch (view.kind) {
    case 'header':
      return h(heading, { key, class: 'block block-header' }, view.text);
    case 'divider':
      return h('hr', { key, class: 'block block-divider' });
    case 'section':
      return section(view, at, key);
    case 'context':
      return h(
        'div',
        { key, class: 'block block-context' },
        view.items.map((item) => h('div', null, Array.isArray(item) ? parts(item) : image(item))),
      );
    case 'actions':
      return h(
        'div',
        { key, class: 'block block-actions' },
        view.elements.map((element) => control(element, at)),
      );
    case 'rich':
      return h('div', { key, class: 'block block-rich' }, parts(view.parts));
    default:
      return input(view, at, key);
  }
}

/** @param {Extract<BlockView, { kind: 'section' }>} view @param {Surface} at @param {string} key */
function section(view, at, key) {
  const { accessory } = view;
  return h(
    'div',
    { key, class: accessory ? 'block block-section with-accessory' : 'block block-section' },
    h(
      'div',
      { class: 'section-text' },
      parts(view.text),
      view.fields.length > 0 &&
        h(
          'div',
          { class: 'fields' },
          view.fields.map((field) => h('div', { class: 'field' }, parts(field))),
        ),
    ),
    accessory &&
      h('div', { class: 'accessory' }, accessory.kind === 'image' ? image(accessory) : control(accessory, at)),
  );
}

/** @param {ImageView} view */
function image(view) {
  return h('span', { class: 'picture', role: 'img', 'aria-label': view.text }, icon('picture'), view.text);
}

/** @param {Extract<BlockView, { kind: 'input' }>} view @param {Surface} at @param {string} key */
function input(view, at, key) {
  const isGroup = view.element.kind === 'radio' || view.element.kind === 'checks';
  const ids = Object.fromEntries(
    ['label', 'field', 'hint', 'error'].map((part) => [part, idFor(`${JSON.stringify(at)} ${key} ${part}`)]),
  );
  const label = [view.label, view.optional && h('span', { class: 'optional' }, ' (optional)')];
  const describedBy = [view.hint && ids.hint, view.error && ids.error].filter(Boolean).join(' ');
  return h(
    'div',
    { key, class: view.error === '' ? 'block block-input' : 'block block-input has-error' },
    isGroup
      ? h('span', { class: 'label', id: ids.label }, label)
      : h('label', { class: 'label', id: ids.label, for: ids.field }, label),
    control(view.element, at, {
      ...(ids.field === undefined ? {} : { id: ids.field }),
      ...(isGroup && ids.label !== undefined ? { labelledBy: ids.label } : {}),
      ...(describedBy === '' ? {} : { describedBy }),
      isInvalid: view.error !== '',
      isRequired: !view.optional,
      dispatches: view.dispatches,
    }),
    view.error !== '' && h('p', { key: 'error', class: 'error', id: ids.error }, icon('warning'), view.error),
    view.hint !== '' && h('p', { key: 'hint', class: 'hint', id: ids.hint }, view.hint),
  );
}
