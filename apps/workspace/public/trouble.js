/** Owns the warning bar: what went wrong on the way to the app, and what the workspace itself has to say. */
import { play } from './act.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { forget, ui } from './state.js';

/** Troubles of this page and notices of the workspace, without what is already said elsewhere. @param {string} said */
export function troubles(said = '') {
  const notices = ui.page?.notices ?? [];
  const own = ui.troubles.filter(({ text }) => text !== said && !notices.some((notice) => notice.text === text));
  return h(
    'div',
    { key: 'troubles', class: 'troubles' },
    notices
      .filter(({ text }) => text !== said)
      .map(({ id, text, time }) =>
        bar(`notice ${id}`, text, time, () => play({ do: 'dismiss', notice: id }, { isQuiet: true })),
      ),
    own.map(({ id, text }) => bar(`own ${id}`, text, '', () => forget(id))),
  );
}

/** @param {string} key @param {string} text @param {string} time @param {() => void} dismiss */
function bar(key, text, time, dismiss) {
  return h(
    'div',
    { key, class: 'alert', role: 'alert' },
    icon('warning'),
    h('p', null, text, time !== '' && h('span', { class: 'time' }, ` ${time}`)),
    h(
      'button',
      { type: 'button', class: 'tool', 'aria-label': 'Dismiss warning', on: { click: dismiss } },
      icon('close'),
    ),
  );
}
