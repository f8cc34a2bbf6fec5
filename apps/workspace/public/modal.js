/** Owns the dialogs: the app's modals, and the question before an act. The focus goes in, stays in, and comes back. */
import { play } from './act.js';
import { blocks } from './blocks.js';
import { confirmText } from './controls.js';
import { h, idFor } from './dom.js';
import { icon } from './icons.js';
import { redraw, ui } from './state.js';
import { troubles } from './trouble.js';

/** @typedef {import('../src/view/page.ts').ModalPage} ModalPage */

/** What had the focus before each open dialog. @type {Map<string, Element | null>} */
const openers = new Map();

/** @param {ModalPage} modal */
export function modalDialog(modal) {
  const name = `${ui.page?.you.id}/${modal.id}`;
  const titleId = idFor(`${name} title`);
  const close = (/** @type {boolean} */ all) => void play({ do: 'close', all });
  return h(
    'dialog',
    {
      key: name,
      class: 'modal',
      'aria-labelledby': titleId,
      mounted: (element) => enter(element, `modal ${ui.page?.you.id}`),
      on: {
        cancel: (event) => {
          if (event.target !== event.currentTarget) return;
          event.preventDefault();
          close(false);
        },
      },
    },
    h(
      'form',
      {
        novalidate: true,
        'aria-busy': modal.isBusy ? 'true' : undefined,
        on: {
          submit: (event) => {
            event.preventDefault();
            if (!modal.isBusy && !modal.isSubmitDisabled) void submit(modal);
          },
        },
      },
      h(
        'header',
        { class: 'modal-head' },
        h('span', { class: 'modal-app', 'aria-hidden': 'true' }, icon('gate')),
        h('h2', { id: titleId, tabindex: '-1' }, modal.title),
        h(
          'button',
          { type: 'button', class: 'tool', 'aria-label': 'Leave dialog', on: { click: () => close(true) } },
          icon('close'),
        ),
      ),
      h(
        'div',
        { class: 'modal-body' },
        modal.trouble !== '' &&
          h('p', { key: 'trouble', class: 'alert', role: 'alert' }, icon('warning'), modal.trouble),
        troubles(modal.trouble),
        blocks(modal.blocks, { kind: 'modal', view: modal.id }),
      ),
      h(
        'footer',
        { class: 'modal-foot' },
        h(
          'button',
          { type: 'button', key: 'close', class: 'button button-plain', on: { click: () => close(false) } },
          modal.close,
        ),
        modal.submit !== null &&
          h(
            'button',
            {
              type: 'submit',
              key: 'submit',
              class: 'button button-primary',
              'aria-busy': modal.isBusy ? 'true' : undefined,
              'aria-disabled': modal.isBusy || modal.isSubmitDisabled ? 'true' : undefined,
            },
            modal.submit,
          ),
      ),
    ),
  );
}

/** Sends the form with what was typed and is not the server's yet. @param {ModalPage} modal */
async function submit(modal) {
  /** @type {Record<string, string | null>} */
  const values = {};
  for (const view of modal.blocks) {
    if (view.kind !== 'input') continue;
    const draft = ui.drafts.get([ui.page?.you.id, modal.id, view.block, view.element.action, ''].join('/'));
    if (draft !== undefined) values[view.block] = draft;
  }
  await play({ do: 'submit', view_id: modal.id, values });
}

/** The question before an act. */
export function confirmDialog() {
  const asked = ui.confirm;
  if (asked === null) return null;
  const { view } = asked;
  const ids = { title: idFor('confirm title'), text: idFor('confirm text') };
  const answer = (/** @type {boolean} */ isYes) => {
    ui.confirm = null;
    redraw();
    if (isYes) asked.proceed();
  };
  return h(
    'dialog',
    {
      key: 'confirm',
      class: 'modal confirm',
      'aria-labelledby': ids.title,
      'aria-describedby': ids.text,
      mounted: (element) => enter(element, 'confirm'),
      on: {
        cancel: (event) => {
          event.preventDefault();
          answer(false);
        },
      },
    },
    h('header', { class: 'modal-head' }, h('h2', { id: ids.title, tabindex: '-1' }, view.title)),
    h('div', { class: 'modal-body', id: ids.text }, confirmText(view)),
    h(
      'footer',
      { class: 'modal-foot' },
      h(
        'button',
        {
          type: 'button',
          class: 'button button-plain',
          'data-first': view.danger ? '' : undefined,
          on: { click: () => answer(false) },
        },
        view.deny,
      ),
      h(
        'button',
        {
          type: 'button',
          class: view.danger ? 'button button-danger-solid' : 'button button-primary',
          'data-first': view.danger ? undefined : '',
          on: { click: () => answer(true) },
        },
        view.confirm,
      ),
    ),
  );
}

/** Shows the dialog and puts the focus where one begins. @param {HTMLDialogElement} dialog @param {string} kind */
function enter(dialog, kind) {
  const before = document.activeElement;
  // A modal that follows another one keeps that one's opener.
  if (!openers.has(kind)) openers.set(kind, before === document.body ? null : before);
  dialog.showModal();
  const first =
    dialog.querySelector('[data-first]') ??
    dialog.querySelector('.modal-body :is(input, select, textarea)') ??
    dialog.querySelector('h2');
  if (first instanceof HTMLElement) first.focus();
}

/** Gives the focus back for dialogs that are gone. @param {Set<string>} open @returns whether it did */
export function leaveClosed(open) {
  for (const [kind, opener] of [...openers].reverse()) {
    if (open.has(kind)) continue;
    openers.delete(kind);
    if (opener instanceof HTMLElement && opener.isConnected && opener.checkVisibility()) {
      opener.focus();
      return true;
    }
  }
  return false;
}
