/** Owns the drawing of a conversation: days, messages, cards, threads, what only the reader sees. */
import { play } from './act.js';
import { blocks } from './blocks.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { ui } from './state.js';
import { avatar, parts } from './text.js';

/** @typedef {import('../src/view/conversation.ts').MessageView} MessageView */

/** @param {MessageView[]} messages @param {string} channel @param {boolean} isThread @returns {import('./dom.js').Loose[]} */
export function messageList(messages, channel, isThread = false) {
  return messages.flatMap((message) => [
    !isThread &&
      message.day !== null &&
      h('li', { key: `day ${message.day}`, class: 'day' }, h('span', null, message.day)),
    messageItem(message, channel, isThread),
  ]);
}

/** @param {MessageView} message @param {string} channel @param {boolean} isThread @returns {import('./dom.js').VNode} */
function messageItem(message, channel, isThread) {
  const who = `${message.author.name}${message.isApp ? ', app' : ''}, ${message.time}`;
  return h(
    'li',
    { key: message.ts, class: 'item' },
    h(
      'article',
      {
        class: message.isOnlyYours ? 'message only-yours' : 'message',
        'aria-label': message.isOnlyYours ? `Only visible to you. ${who}` : who,
        tabindex: '-1',
        'data-ts': message.ts,
      },
      avatar(message.author, message.isApp),
      h(
        'div',
        { class: 'message-body' },
        message.isOnlyYours && onlyYours(message),
        h(
          'div',
          { class: 'byline' },
          h('span', { class: 'author' }, message.author.name),
          message.isApp && h('span', { class: 'tag' }, 'App'),
          h('time', { class: 'time', datetime: message.iso }, message.time),
        ),
        body(message, channel),
        !message.isOnlyYours && shortcutRow(message, channel),
        message.isEdited && h('span', { key: 'edited', class: 'edited' }, '(edited)'),
        !isThread && message.replies.length > 0 && thread(message, channel),
      ),
    ),
  );
}

/** @param {MessageView} message @param {string} channel */
function body(message, channel) {
  if (message.blocks.length === 0) return h('div', { key: 'text', class: 'text' }, parts(message.text));
  const isCard = message.blocks.length > 1 || message.blocks[0]?.kind === 'actions';
  return h(
    'div',
    { key: 'blocks', class: isCard ? 'card' : 'text' },
    blocks(message.blocks, { kind: 'message', channel, ts: message.ts }),
  );
}

/** The app's shortcuts on a message: there for the keyboard, in sight when the message is. @param {MessageView} message @param {string} channel */
function shortcutRow(message, channel) {
  const offered = ui.page?.messageShortcuts ?? [];
  if (offered.length === 0) return false;
  return h(
    'div',
    { key: 'shortcuts', class: 'message-shortcuts' },
    offered.map(({ id, name }) =>
      h(
        'button',
        {
          key: id,
          type: 'button',
          class: 'link-button',
          'aria-label': `${name}, about this message`,
          on: { click: () => void play({ do: 'message-shortcut', callback_id: id, channel, ts: message.ts }) },
        },
        name,
      ),
    ),
  );
}

/** @param {MessageView} message */
function onlyYours(message) {
  return h(
    'div',
    { key: 'only', class: 'only' },
    icon('eye'),
    h('span', null, 'Only visible to you'),
    h(
      'button',
      { type: 'button', class: 'link-button', on: { click: () => play({ do: 'dismiss', ephemeral: message.ts }) } },
      'Dismiss',
    ),
  );
}

/** @param {MessageView} message @param {string} channel */
function thread(message, channel) {
  const count = message.replies.length;
  return h(
    'section',
    { key: 'thread', class: 'thread', 'aria-label': `Thread, ${count} ${count === 1 ? 'reply' : 'replies'}` },
    h('p', { class: 'thread-count' }, icon('thread'), `${count} ${count === 1 ? 'reply' : 'replies'}`),
    h('ol', { class: 'replies' }, messageList(message.replies, channel, true)),
  );
}
