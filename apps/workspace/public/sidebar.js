/** Owns the drawing of the two columns at the left: whom one can be, and where one can go. */
import { h } from './dom.js';
import { icon } from './icons.js';
import { addressOf, go } from './route.js';
import { readUpTo } from './state.js';
import { avatar } from './text.js';

/** @typedef {import('./state.js').PageView} PageView */

/** People to act as. @param {PageView} page */
export function rail(page) {
  return h(
    'nav',
    { class: 'rail', 'aria-label': 'Act as' },
    h('p', { class: 'rail-title', 'aria-hidden': 'true' }, 'Act as'),
    h(
      'ul',
      null,
      page.rail.map((person) => {
        const isNew = !person.isYou && person.newest !== '' && person.newest > readUpTo(person.id, person.direct);
        const target = { as: person.id, channel: page.here.id };
        return h(
          'li',
          { key: person.id },
          h(
            'a',
            {
              class: person.isYou ? 'person person-you' : 'person',
              href: addressOf(target),
              title: `${person.name}: ${person.standing}`,
              'aria-label': `Act as ${person.name}, ${person.standing}${isNew ? ', new messages' : ''}`,
              'aria-current': person.isYou ? 'true' : undefined,
              on: { click: (event) => go(event, target) },
            },
            h('span', { class: 'person-face' }, avatar(person), isNew && h('span', { class: 'dot' })),
            h('span', { class: 'person-name' }, person.name.split(' ')[0] ?? ''),
            !person.isFull && h('span', { class: 'person-standing' }, person.standing),
          ),
        );
      }),
    ),
  );
}

/** The app's Home, channels, direct messages. @param {PageView} page */
export function places(page) {
  const home = { as: page.you.id, channel: 'home' };
  return h(
    'nav',
    { class: 'places', 'aria-label': 'Conversations' },
    h(
      'div',
      { class: 'you' },
      avatar(page.you),
      h(
        'div',
        null,
        h('p', { class: 'you-name' }, page.you.name),
        h('p', { class: 'you-standing' }, `${page.you.standing} · ${page.team}`),
      ),
    ),
    heading('App'),
    h('ul', null, h('li', { key: 'home' }, placeLink(home, 'App Home', icon('home'), page.isHomeOpen, false))),
    heading('Channels'),
    h(
      'ul',
      null,
      page.channels.map((place) => placeItem(page, place, icon(place.kind === 'private' ? 'lock' : 'hash'))),
    ),
    heading('Direct messages'),
    h(
      'ul',
      null,
      page.directs.map((place) =>
        placeItem(page, place, place.face === null ? icon('hash') : avatar(place.face, place.face.id === page.app.id)),
      ),
      page.directs.length === 0 && h('li', { key: 'none', class: 'places-none' }, 'None yet'),
    ),
    page.violations.length > 0 && violations(page.violations),
  );
}

/** What the app did that Slack does not allow: for whoever builds the app. @param {PageView['violations']} list */
function violations(list) {
  return h(
    'details',
    { key: 'violations', class: 'violations' },
    h('summary', null, list.length === 1 ? '1 rule broken by the app' : `${list.length} rules broken by the app`),
    h(
      'ul',
      null,
      list.map(({ key, what, detail }) => h('li', { key }, h('strong', null, what), ` ${detail}`)),
    ),
  );
}

/** @param {string} text */
function heading(text) {
  return h('h2', { key: text, class: 'places-title' }, text);
}

/** @param {PageView} page @param {PageView['channels'][number]} place @param {import('./dom.js').VNode} picture */
function placeItem(page, place, picture) {
  const isNew = !place.isOpen && place.newest !== '' && place.newest > readUpTo(page.you.id, place.id);
  return h(
    'li',
    { key: place.id },
    placeLink({ as: page.you.id, channel: place.id }, place.name, picture, place.isOpen, isNew),
  );
}

/** @param {import('./route.js').Ask} target @param {string} name @param {import('./dom.js').VNode} picture @param {boolean} isOpen @param {boolean} isNew */
function placeLink(target, name, picture, isOpen, isNew) {
  return h(
    'a',
    {
      class: ['place', isOpen && 'place-open', isNew && 'place-new'].filter(Boolean).join(' '),
      href: addressOf(target),
      'aria-current': isOpen ? 'page' : undefined,
      on: { click: (event) => go(event, target) },
    },
    picture,
    h('span', { class: 'place-name' }, name),
    isNew && h('span', { class: 'dot' }),
    isNew && h('span', { class: 'unseen' }, ', new messages'),
  );
}
