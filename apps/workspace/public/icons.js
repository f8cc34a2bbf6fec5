/** Owns the page's few line icons. They are decoration: the words beside them say the same. */
import { h } from './dom.js';

const PATHS = {
  hash: 'M9 4 7 20M17 4l-2 16M4.5 9h16M3.5 15h16',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  home: 'M4 11.5 12 4l8 7.5M6 10v10h12V10',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 14.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2z',
  bolt: 'M13 3 5 14h6l-1 7 8-11h-6z',
  send: 'M4 12 20 4l-5 16-3.5-6.5z',
  close: 'M6 6l12 12M18 6 6 18',
  warning: 'M12 4 2.8 20h18.4zM12 10v4.5M12 17.4v.1',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 20.5 20.5',
  gate: 'M4 20V9l3-2V4h2v2h6V4h2v3l3 2v11h-5v-5a3 3 0 0 0-6 0v5z',
  thread: 'M7 4v9a3 3 0 0 0 3 3h9M15 12l4 4-4 4',
  picture: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4',
};

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  return h(
    'svg',
    { class: `icon icon-${name}`, viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' },
    h('path', { d: PATHS[name] }),
  );
}
