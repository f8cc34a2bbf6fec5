/** Owns the search box of an `external_select`: a combobox whose options the app is asked for while one types. */
import { play } from './act.js';
import { nameOf, use } from './controls.js';
import { h, idFor } from './dom.js';
import { icon } from './icons.js';
import { redraw, ui } from './state.js';

/**
 * @typedef {Extract<import('./state.js').ElementView, { kind: 'search' }>} SearchView
 * @typedef {import('./controls.js').Surface} Surface
 * @typedef {import('./controls.js').Field} Field
 * @typedef {import('./state.js').Search} Search
 */

const PAUSE_MS = 150;
/** @type {Map<string, { timer: ReturnType<typeof setTimeout> | undefined, call: AbortController | undefined }>} */
const asking = new Map();
/** What was picked and is not the server's yet. @type {Map<string, import('./state.js').ChoiceView>} */
const picked = new Map();

/** @param {string} name @returns {Search} */
function searchOf(name) {
  const found = ui.searches.get(name);
  if (found) return found;
  const made = { open: false, query: '', choices: [], active: -1, loading: false, trouble: '' };
  ui.searches.set(name, made);
  return made;
}

/** @param {SearchView} view @param {Surface} at @param {Field} field */
export function searchBox(view, at, field) {
  const name = nameOf(at, view);
  const search = searchOf(name);
  const own = picked.get(name);
  if (own !== undefined && own.value === view.chosen?.value) picked.delete(name);
  const chosen = own ?? view.chosen;
  const listId = idFor(`${name}/list`);
  const noteId = idFor(`${name}/note`);
  const note = search.open ? undefined : chosen?.description;
  const isActive = search.open && search.active >= 0;
  return h(
    'div',
    { class: 'search', key: `${view.block}/${view.action}` },
    icon('search'),
    h('input', {
      id: field.id,
      class: 'input',
      type: 'text',
      role: 'combobox',
      autocomplete: 'off',
      spellcheck: 'false',
      'aria-label': field.id === undefined ? view.placeholder || 'Search' : undefined,
      'aria-autocomplete': 'list',
      'aria-expanded': search.open ? 'true' : 'false',
      'aria-controls': search.open ? listId : undefined,
      'aria-activedescendant': isActive ? idFor(`${name}/option/${search.active}`) : undefined,
      'aria-describedby': [note && noteId, field.describedBy].filter(Boolean).join(' ') || undefined,
      'aria-invalid': field.isInvalid ? 'true' : undefined,
      'aria-required': field.isRequired ? 'true' : undefined,
      placeholder: view.placeholder || 'Search …',
      value: search.open ? search.query : (chosen?.text ?? ''),
      'data-first': view.first ? '' : undefined,
      on: {
        click: () => {
          if (!search.open) open(view, at, search, '');
        },
        input: (event) => open(view, at, search, event.currentTarget.value),
        keydown: (event) => key(event, view, at, search, field),
        blur: () => shut(search),
      },
    }),
    search.open && list(view, at, search, field, listId),
    note !== undefined && h('p', { class: 'hint', id: noteId }, note),
    h('span', { class: 'unseen', role: 'status' }, search.open && !search.loading ? counted(search) : ''),
  );
}

/** @param {SearchView} view @param {Surface} at @param {Search} search @param {Field} field @param {string} listId */
function list(view, at, search, field, listId) {
  const name = nameOf(at, view);
  const rows = search.choices.map((choice, index) =>
    h(
      'li',
      {
        key: choice.value,
        id: idFor(`${name}/option/${index}`),
        role: 'option',
        class: index === search.active ? 'option option-active' : 'option',
        'aria-selected': index === search.active ? 'true' : 'false',
        // Before the field loses the focus and closes the list.
        on: { pointerdown: (event) => event.preventDefault(), click: () => pick(view, at, search, choice, field) },
      },
      h('span', { class: 'option-text' }, choice.text),
      choice.description !== undefined && h('span', { class: 'hint' }, choice.description),
    ),
  );
  return h(
    'ul',
    { class: 'options', id: listId, role: 'listbox', 'aria-label': 'Found' },
    rows,
    rows.length === 0 &&
      h('li', { key: 'none', class: 'option option-none', role: 'presentation' }, emptyText(view, search)),
  );
}

/** @param {SearchView} view @param {Search} search */
function emptyText(view, search) {
  if (search.query.length < view.minimum) return `Type at least ${view.minimum} characters`;
  if (search.loading) return 'Searching …';
  return search.trouble || 'Nothing found';
}

/** @param {Search} search */
function counted({ choices }) {
  if (choices.length === 0) return 'Nothing found';
  return choices.length === 1 ? '1 found' : `${choices.length} found`;
}

/** @param {SearchView} view @param {Surface} at @param {Search} search @param {string} query */
function open(view, at, search, query) {
  search.open = true;
  search.query = query;
  search.active = search.choices.length > 0 ? 0 : -1;
  const name = nameOf(at, view);
  const before = asking.get(name);
  clearTimeout(before?.timer);
  before?.call?.abort();
  if (at.kind === 'message') search.trouble = 'This workspace does not model a search in a message.';
  else if (query.length < view.minimum) search.choices = [];
  else {
    search.loading = true;
    const timer = setTimeout(() => ask(view, at.kind, at.view, search, name, query), query === '' ? 0 : PAUSE_MS);
    asking.set(name, { timer, call: undefined });
  }
  redraw();
}

/** @param {SearchView} view @param {string} surface @param {string} viewId @param {Search} search @param {string} name @param {string} query */
async function ask(view, surface, viewId, search, name, query) {
  const call = new AbortController();
  asking.set(name, { timer: undefined, call });
  const act = { do: 'suggest', surface, view_id: viewId, block_id: view.block, action_id: view.action, query };
  const answer = await play(act, { isQuiet: true, signal: call.signal });
  if (call.signal.aborted) return;
  search.loading = false;
  search.trouble = answer.trouble;
  search.choices = answer.choices ?? [];
  search.active = search.choices.length > 0 ? 0 : -1;
  redraw();
}

/** @param {KeyboardEvent} event @param {SearchView} view @param {Surface} at @param {Search} search @param {Field} field */
function key(event, view, at, search, field) {
  const count = search.choices.length;
  const chosen = search.choices[search.active];
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    if (!search.open) return open(view, at, search, '');
    if (count > 0) search.active = (search.active + (event.key === 'ArrowDown' ? 1 : count - 1)) % count;
    redraw();
  } else if (event.key === 'Enter' && search.open) {
    event.preventDefault();
    if (chosen) pick(view, at, search, chosen, field);
  } else if (event.key === 'Escape' && search.open) {
    // Closes the list only, not the dialog around it.
    event.preventDefault();
    event.stopPropagation();
    shut(search);
  }
}

/** @param {SearchView} view @param {Surface} at @param {Search} search @param {import('./state.js').ChoiceView} choice @param {Field} field */
function pick(view, at, search, choice, field) {
  picked.set(nameOf(at, view), choice);
  ui.drafts.set(nameOf(at, view), choice.value);
  shut(search);
  use(view, at, choice.value, field.dispatches);
}

/** @param {Search} search */
function shut(search) {
  if (!search.open) return;
  search.open = false;
  search.query = '';
  redraw();
}
