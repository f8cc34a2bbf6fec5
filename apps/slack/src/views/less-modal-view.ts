/** Owns the form that approves for less: shorter, fewer scopes. Never more. */

import { type Duration, formatDuration, hours, minutes } from '@sallyport/core';
import { FIELDS, requestValue, VIEWS } from '../action-ids.ts';
import { type Block, context, type ModalView, option, plain } from './blocks.ts';
import { TITLES } from './form-words.ts';
import { limits } from './limits.ts';
import { lengthText } from './names.ts';
import type { Drawn } from './phase.ts';
import { asksFor } from './request-card.ts';
import { sentenceBlock } from './sentence.ts';

const LENGTHS: readonly Duration[] = [5, 15, 30, 60, 120, 240].map((count) => minutes(count));
/** More scopes than this are approved or denied as they are. */
export const NARROWED_SCOPES_MAX = 50;

/** The form. Its metadata is a button's value; the scopes are named by their place in the ask of this revision. */
export function lessFormView(drawn: Drawn): ModalView {
  const { request } = drawn.case;
  return {
    type: 'modal',
    callback_id: VIEWS.less,
    private_metadata: requestValue(request.id, request.revision),
    title: plain(TITLES.less, limits.viewTitle),
    submit: plain('Approve this', limits.viewTitle),
    close: plain('Back', limits.viewTitle),
    blocks: [
      sentenceBlock(asksFor(drawn), drawn.at.now),
      durationBlock(request.duration),
      ...scopeBlocks(request.access.scopes),
      context('Approvals given before no longer count: others look at the smaller ask again. Everybody is told.'),
    ],
  };
}

/** Lengths shorter than the ask, and the ask's own. */
export function shorterLengths(asked: Duration): readonly Duration[] {
  const within = LENGTHS.filter((length) => length < asked && asked - length < hours(24 * 30));
  return [...within.slice(-(limits.radioOptions - 1)), asked];
}

function durationBlock(asked: Duration): Block {
  const options = shorterLengths(asked).map((length) =>
    option(formatDuration(length), lengthText(length), length === asked ? 'As asked' : undefined),
  );
  const initial = options.at(-1);
  return {
    type: 'input',
    block_id: FIELDS.duration,
    label: plain('For how long'),
    element: {
      type: 'radio_buttons',
      action_id: FIELDS.duration,
      options,
      ...(initial === undefined ? {} : { initial_option: initial }),
    },
  };
}

/** A block for each ten scopes: Slack's bound of one. Their values are places in the list, so that any length fits. */
function scopeBlocks(scopes: readonly string[]): readonly Block[] {
  if (scopes.length < 2 || scopes.length > NARROWED_SCOPES_MAX) return [];
  const chunks = Math.ceil(scopes.length / limits.checkboxes);
  return Array.from({ length: chunks }, (_, chunk): Block => {
    const from = chunk * limits.checkboxes;
    const options = scopes
      .slice(from, from + limits.checkboxes)
      .map((scope, index) => option(String(from + index), scope));
    return {
      type: 'input',
      block_id: scopeField(chunk),
      // Of several blocks each may be left empty; of one only a part.
      ...(chunks > 1 ? { optional: true } : {}),
      label: plain(chunk === 0 ? 'Scopes' : `Scopes, from the ${from + 1}th`),
      element: { type: 'checkboxes', action_id: scopeField(chunk), options, initial_options: options },
    };
  });
}

/** Block id of the n-th ten scopes. */
export function scopeField(chunk: number): string {
  return chunk === 0 ? FIELDS.scopes : `${FIELDS.scopes}_${chunk + 1}`;
}

/** How many blocks of scopes the form has for so many. */
export function scopeFieldsOf(count: number): readonly string[] {
  const chunks = count < 2 || count > NARROWED_SCOPES_MAX ? 0 : Math.ceil(count / limits.checkboxes);
  return Array.from({ length: chunks }, (_, chunk) => scopeField(chunk));
}
