/** Owns the page as a whole: puts its parts together, and looks after focus, scrolling and what is read aloud. */
import { announceNews } from './announce.js';
import { blocks } from './blocks.js';
import { composer } from './composer.js';
import { draw, h } from './dom.js';
import { icon } from './icons.js';
import { followVisibility, retryLink } from './live.js';
import { messageList } from './messages.js';
import { confirmDialog, leaveClosed, modalDialog } from './modal.js';
import { arrive, settle, visitHome } from './route.js';
import { places, rail } from './sidebar.js';
import { markRead, onRedraw, ui } from './state.js';
import { troubles } from './trouble.js';

/** @typedef {import('./state.js').PageView} PageView */

const root = /** @type {HTMLElement} */ (document.getElementById('page'));
const dialogs = /** @type {HTMLElement} */ (document.getElementById('dialogs'));
const NEAR_END_PX = 80;
/** The place drawn last: another one starts at its end. */
let shown = '';

onRedraw(redrawAll);
addEventListener('popstate', arrive);
addEventListener('online', retryLink);
document.addEventListener('visibilitychange', followVisibility);
arrive();

function redrawAll() {
  const { page } = ui;
  settle();
  dropOldDrafts();
  const trail = focusTrail();
  const end = endOf();
  draw(root, page === null ? [starting()] : whole(page));
  const modal = page?.modal ?? null;
  draw(dialogs, [modal && modalDialog(modal), confirmDialog()]);
  restoreFocus(trail, modal !== null);
  if (page === null) return;
  scroll(page, end);
  markAllRead(page);
  document.title = `${page.here.title} · ${page.you.name} · Local workspace, not Slack`;
  announceNews(page);
  visitHome();
}

let drafted = '';
/** What was typed into a modal goes with it. */
function dropOldDrafts() {
  if (ui.page === null) return;
  const now = `${ui.page.you.id}/${ui.page.modal?.id ?? ''}`;
  const gone = drafted;
  drafted = now;
  if (gone === '' || gone === now || gone.split('/')[0] !== ui.page.you.id || gone.endsWith('/')) return;
  for (const name of ui.drafts.keys()) if (name.startsWith(`${gone}/`)) ui.drafts.delete(name);
}

/** @param {PageView} page */
function whole(page) {
  return [
    h('a', { key: 'skip', class: 'skip', href: '?#main', on: { click: skip } }, 'Skip to the conversation'),
    h(
      'header',
      { key: 'top', class: 'top' },
      h('span', { class: 'logo', 'aria-hidden': 'true' }, icon('gate')),
      h('h1', null, 'Local workspace, ', h('span', { class: 'not-slack' }, 'not Slack')),
      linkState(),
    ),
    rail(page),
    places(page),
    h('main', { key: 'main', id: 'main', class: 'main', tabindex: '-1' }, here(page)),
  ];
}

/** @param {MouseEvent} event */
function skip(event) {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function starting() {
  const text = ui.link === 'opening' ? 'Opening the local workspace …' : 'The local workspace does not answer.';
  return h('p', { key: 'starting', class: 'starting' }, text, ui.link === 'given up' && again());
}

function linkState() {
  if (ui.link === 'open' || ui.link === 'opening') return h('p', { key: 'link', class: 'link', role: 'status' });
  const text = ui.link === 'lost' ? 'Connection lost. Trying again …' : 'Connection lost.';
  return h(
    'p',
    { key: 'link', class: 'link link-lost', role: 'status' },
    icon('warning'),
    text,
    ui.link === 'given up' && again(),
  );
}

function again() {
  return h('button', { type: 'button', class: 'button button-plain', on: { click: retryLink } }, 'Try again');
}

/** @param {PageView} page */
function here(page) {
  const { here } = page;
  if (here.kind === 'nowhere') {
    return [
      h('h2', { key: 'title', class: 'here-title' }, here.title),
      troubles(),
      h('p', { key: 'none', class: 'empty' }, 'This person sees no channel.'),
    ];
  }
  if (here.kind === 'home') return homeTab(page, here);
  const sign = here.isDirect ? null : icon(here.isPrivate ? 'lock' : 'hash');
  return [
    h(
      'div',
      { key: 'head', class: 'here' },
      h('h2', { class: 'here-title' }, sign, here.title),
      here.topic !== '' && h('p', { class: 'here-topic' }, here.topic),
      !here.isDirect && h('p', { class: 'here-members' }, here.members === 1 ? '1 member' : `${here.members} members`),
    ),
    troubles(),
    h(
      'section',
      {
        key: `stream ${page.you.id} ${here.id}`,
        class: 'stream',
        role: 'log',
        'aria-relevant': 'additions',
        'aria-label': 'Messages',
        tabindex: '0',
      },
      here.messages.length === 0 &&
        h(
          'p',
          { key: 'none', class: 'empty' },
          'No messages yet. Type ',
          h('code', null, '/'),
          ' below to see what the app can do.',
        ),
      h('ol', { key: 'list', class: 'messages' }, messageList(here.messages, here.id)),
    ),
    composer(page, here),
  ];
}

/** @param {PageView} page @param {Extract<PageView['here'], { kind: 'home' }>} here */
function homeTab(page, here) {
  return [
    h(
      'div',
      { key: 'head', class: 'here' },
      h('h2', { class: 'here-title' }, icon('home'), here.title),
      h('p', { class: 'here-topic' }, `Home tab of the app, as ${page.you.name} sees it`),
    ),
    troubles(),
    h(
      'section',
      { key: `home ${page.you.id}`, class: 'stream home', 'aria-label': 'App Home', tabindex: '0' },
      here.view === null
        ? h('p', { key: 'none', class: 'empty' }, 'The app has not published a Home for this person yet.')
        : h('div', { key: 'view', class: 'home-view' }, blocks(here.view.blocks, { kind: 'home', view: here.view.id })),
    ),
  ];
}

/** The focused element and what is around it, innermost first. */
function focusTrail() {
  const trail = [];
  for (
    let element = document.activeElement;
    element !== null && element !== document.body;
    element = element.parentElement
  ) {
    trail.push(element);
  }
  return trail;
}

/** @param {Element[]} trail @param {boolean} isModalOpen */
function restoreFocus(trail, isModalOpen) {
  const open = new Set(
    [isModalOpen && `modal ${ui.page?.you.id}`, ui.confirm !== null && 'confirm'].filter((kind) => kind !== false),
  );
  if (leaveClosed(open)) return;
  if (trail[0] === undefined || trail[0].isConnected || document.activeElement !== document.body) return;
  const around = trail.find((element) => element.isConnected && element.hasAttribute('tabindex'));
  const fallback = isModalOpen
    ? document.querySelector('dialog h2')
    : (document.querySelector('[data-composer]') ?? document.getElementById('main'));
  const target = around ?? fallback;
  if (target instanceof HTMLElement) target.focus({ preventScroll: true });
}

/** Whether the reader is at the end of the stream, where new messages should stay in sight. */
function endOf() {
  const stream = document.querySelector('.stream');
  return stream === null || stream.scrollHeight - stream.scrollTop - stream.clientHeight < NEAR_END_PX;
}

/** @param {PageView} page @param {boolean} wasAtEnd */
function scroll(page, wasAtEnd) {
  const stream = document.querySelector('.stream');
  const place = `${page.you.id}/${page.here.id}`;
  if (stream === null) return;
  if (page.here.kind === 'conversation' && (place !== shown || wasAtEnd)) stream.scrollTop = stream.scrollHeight;
  shown = place;
}

/** @param {PageView} page */
function markAllRead(page) {
  if (document.visibilityState !== 'visible') return;
  const open = [...page.channels, ...page.directs].find((place) => place.isOpen);
  if (open !== undefined) markRead(page.you.id, open.id, open.newest);
}
