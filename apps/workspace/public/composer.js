/** Owns the line at the bottom: messages, slash commands with their hints, shortcuts. */
import { play } from './act.js';
import { h, idFor } from './dom.js';
import { icon } from './icons.js';
import { redraw, ui } from './state.js';

/**
 * @typedef {import('./state.js').PageView} PageView
 * @typedef {Extract<PageView['here'], { kind: 'conversation' }>} Conversation
 */

/** @param {PageView} page @param {Conversation} here */
export function composer(page, here) {
  if (!here.canWrite) {
    const why = here.isArchived ? 'This channel is archived.' : `${page.you.name} is deactivated and can't write here.`;
    return h('div', { key: 'composer', class: 'composer composer-none' }, h('p', null, why));
  }
  const place = `${page.you.id}/${here.id}`;
  const line = ui.lines.get(place) ?? '';
  const hints = hintsFor(page, line);
  const label = `Message ${here.isDirect ? '' : '#'}${here.title}`;
  const isOpen = hints.length > 0;
  const active = isOpen ? Math.min(ui.hint, hints.length - 1) : -1;
  return h(
    'form',
    {
      key: 'composer',
      class: 'composer',
      'aria-label': 'Write',
      on: {
        submit: (event) => {
          event.preventDefault();
          say(here, place);
        },
      },
    },
    isOpen && hintList(hints, active, place),
    h(
      'div',
      { class: 'composer-line' },
      page.shortcuts.length > 0 && shortcuts(page),
      h('input', {
        key: place,
        class: 'composer-input',
        type: 'text',
        role: 'combobox',
        autocomplete: 'off',
        'aria-label': label,
        'aria-autocomplete': 'list',
        'aria-expanded': isOpen ? 'true' : 'false',
        'aria-controls': isOpen ? idFor('hints') : undefined,
        'aria-activedescendant': active >= 0 ? idFor(`hint ${active}`) : undefined,
        'aria-describedby': usageOf(page, line) === '' ? undefined : idFor('usage'),
        placeholder: here.isDirect ? 'Type / for commands' : `${label}, or / for commands`,
        value: line,
        'data-composer': '',
        on: {
          input: (event) => {
            ui.lines.set(place, event.currentTarget.value);
            ui.hint = 0;
            redraw();
          },
          keydown: (event) => key(event, hints, active, place),
        },
      }),
      h('button', { type: 'submit', class: 'send', 'aria-label': 'Send' }, icon('send')),
    ),
    usageOf(page, line) !== '' && h('p', { key: 'usage', class: 'usage', id: idFor('usage') }, usageOf(page, line)),
  );
}

/** @param {Conversation} here @param {string} place */
function say(here, place) {
  const text = (ui.lines.get(place) ?? '').trim();
  if (text === '') return;
  ui.lines.set(place, '');
  redraw();
  void play({ do: 'say', channel: here.id, text });
}

/** Commands that begin like the line, while the command itself is being typed. @param {PageView} page @param {string} line */
function hintsFor(page, line) {
  if (!line.startsWith('/') || /\s/.test(line) || ui.hint < 0) return [];
  return page.commands.filter(({ command }) => command.startsWith(line.toLowerCase()));
}

/** How the typed command is used, once it is complete. @param {PageView} page @param {string} line */
function usageOf(page, line) {
  const typed = line.split(/\s/, 1)[0];
  const found = page.commands.find(({ command }) => command === typed);
  return found === undefined || !/\s/.test(line) ? '' : `${found.command} ${found.usage}`;
}

/** @param {PageView['commands']} hints @param {number} active @param {string} place */
function hintList(hints, active, place) {
  return h(
    'ul',
    { key: 'hints', class: 'hints', role: 'listbox', id: idFor('hints'), 'aria-label': 'Commands' },
    hints.map((hint, index) =>
      h(
        'li',
        {
          key: hint.command,
          id: idFor(`hint ${index}`),
          role: 'option',
          class: index === active ? 'option option-active' : 'option',
          'aria-selected': index === active ? 'true' : 'false',
          on: { pointerdown: (event) => event.preventDefault(), click: () => complete(hint.command, place) },
        },
        h('span', { class: 'option-text' }, h('strong', null, hint.command), ` ${hint.usage}`),
        h('span', { class: 'hint' }, hint.description),
      ),
    ),
  );
}

/** @param {KeyboardEvent} event @param {PageView['commands']} hints @param {number} active @param {string} place */
function key(event, hints, active, place) {
  const hint = hints[active];
  if (hint === undefined) return;
  const isWhole = ui.lines.get(place) === hint.command;
  if (event.key === 'Tab' && !event.shiftKey && !isWhole) {
    event.preventDefault();
    complete(hint.command, place);
  } else if (event.key === 'Enter' && !isWhole) {
    event.preventDefault();
    complete(hint.command, place);
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    ui.hint = (active + (event.key === 'ArrowDown' ? 1 : hints.length - 1)) % hints.length;
    redraw();
  } else if (event.key === 'Escape') {
    ui.hint = -1;
    redraw();
  }
}

/** @param {string} command @param {string} place */
function complete(command, place) {
  ui.lines.set(place, `${command} `);
  redraw();
}

/** @param {PageView} page */
function shortcuts(page) {
  const flip = () => {
    ui.isShortcutsOpen = !ui.isShortcutsOpen;
    redraw();
  };
  return h(
    'div',
    {
      key: 'shortcuts',
      class: 'shortcuts',
      on: {
        keydown: (event) => {
          if (event.key === 'Escape' && ui.isShortcutsOpen) flip();
        },
      },
    },
    h(
      'button',
      {
        type: 'button',
        class: 'tool',
        'aria-label': 'Shortcuts',
        'aria-expanded': ui.isShortcutsOpen ? 'true' : 'false',
        'aria-controls': ui.isShortcutsOpen ? idFor('shortcuts') : undefined,
        on: { click: flip },
      },
      icon('bolt'),
    ),
    ui.isShortcutsOpen &&
      h(
        'ul',
        { class: 'shortcut-list', id: idFor('shortcuts'), 'aria-label': 'Shortcuts' },
        page.shortcuts.map(({ id, name, description }) =>
          h(
            'li',
            { key: id },
            h(
              'button',
              {
                type: 'button',
                class: 'option',
                on: {
                  click: () => {
                    flip();
                    void play({ do: 'shortcut', callback_id: id });
                  },
                },
              },
              h('span', { class: 'option-text' }, name),
              h('span', { class: 'hint' }, description),
            ),
          ),
        ),
      ),
  );
}
