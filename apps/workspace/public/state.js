/** Owns what this page remembers between two drawings: the last view from the server and what the person is in the middle of. */

/**
 * @typedef {import('../src/view/page.ts').PageView} PageView
 * @typedef {import('../src/view/elements.ts').ElementView} ElementView
 * @typedef {import('../src/view/elements.ts').ConfirmView} ConfirmView
 * @typedef {import('../src/view/elements.ts').ChoiceView} ChoiceView
 * @typedef {import('../src/page/act.ts').ActAnswer} ActAnswer
 * @typedef {{ id: number, text: string }} Trouble
 * @typedef {{ open: boolean, query: string, choices: ChoiceView[], active: number, loading: boolean, trouble: string }} Search
 */

export const ui = {
  /** @type {PageView | null} */
  page: null,
  /** Who acts, and what is open; empty until the server has chosen. */
  ask: { as: '', channel: '' },
  /** @type {'opening' | 'open' | 'lost' | 'given up'} */
  link: 'opening',
  /** @type {Trouble[]} */
  troubles: [],
  /** @type {{ view: ConfirmView, proceed: () => void } | null} */
  confirm: null,
  /** Controls whose act is on its way. @type {Set<string>} */
  pending: new Set(),
  /** What was typed or chosen and is not the server's yet, by control. @type {Map<string, string | null>} */
  drafts: new Map(),
  /** Search boxes, by control. @type {Map<string, Search>} */
  searches: new Map(),
  /** Composer text, by person and place. @type {Map<string, string>} */
  lines: new Map(),
  /** The highlighted hint of the composer; -1 where the list was closed. */
  hint: 0,
  isShortcutsOpen: false,
};

let scheduled = false;
/** @type {() => void} */
let redrawNow = () => {};

/** @param {() => void} how */
export function onRedraw(how) {
  redrawNow = how;
}

/** Draws again soon, once for any number of calls. */
export function redraw() {
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    redrawNow();
  });
}

let troubleCount = 0;
/** Tells the person that something went wrong; the newest three stay. @param {string} text */
export function tell(text) {
  if (ui.troubles.some((trouble) => trouble.text === text)) return;
  troubleCount += 1;
  ui.troubles = [...ui.troubles, { id: troubleCount, text }].slice(-3);
  redraw();
}

/** @param {number} id */
export function forget(id) {
  ui.troubles = ui.troubles.filter((trouble) => trouble.id !== id);
  redraw();
}

const READ = 'local-workspace-read:';
/** Up to which message a person has read a place, in this browser. @param {string} person @param {string} place */
export function readUpTo(person, place) {
  try {
    return localStorage.getItem(`${READ}${person}:${place}`) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} person @param {string} place @param {string} ts */
export function markRead(person, place, ts) {
  try {
    if (ts > readUpTo(person, place)) localStorage.setItem(`${READ}${person}:${place}`, ts);
  } catch {
    // Without storage everything stays unread, which is no harm.
  }
}
