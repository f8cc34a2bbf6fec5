/** Owns the address of the page: who acts, and what is open. */
import { play } from './act.js';
import { openLink } from './live.js';
import { redraw, ui } from './state.js';

/** @typedef {{ as: string, channel: string }} Ask */

/** @param {Ask} ask */
export function addressOf({ as, channel }) {
  return `?${new URLSearchParams(channel === '' ? { as } : { as, channel })}`;
}

/** Follows a link within the page; with a modifier key the browser opens its own tab. @param {MouseEvent} event @param {Ask} target */
export function go(event, target) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0) return;
  event.preventDefault();
  history.pushState(null, '', addressOf(target));
  arrive();
}

/** Opens what the address says. */
export function arrive() {
  const given = new URLSearchParams(location.search);
  ui.ask = { as: given.get('as') ?? '', channel: given.get('channel') ?? '' };
  ui.troubles = [];
  ui.confirm = null;
  ui.isShortcutsOpen = false;
  openLink();
  redraw();
}

/** The server chose where the address left it open: write that down. */
export function settle() {
  const { page } = ui;
  if (page === null) return;
  const chosen = { as: page.you.id, channel: page.here.id };
  if (ui.ask.as === chosen.as && ui.ask.channel === chosen.channel) return;
  ui.ask = chosen;
  history.replaceState(null, '', addressOf(chosen));
}

/** Tells the app that its Home was opened, once for each time. */
let home = '';
export function visitHome() {
  const { page } = ui;
  if (page === null) return;
  const now = page.isHomeOpen ? page.you.id : '';
  if (now !== '' && now !== home) void play({ do: 'home' });
  home = now;
}
