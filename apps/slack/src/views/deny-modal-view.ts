/** Owns the form that asks an approver why they deny. */

import { FIELDS, requestValue, VIEWS } from '../action-ids.ts';
import { type ModalView, plain } from './blocks.ts';
import { TITLES } from './form-words.ts';
import { limits, typed } from './limits.ts';
import type { Drawn } from './phase.ts';
import { asksFor } from './request-card.ts';
import { sentenceBlock } from './sentence.ts';

/** The form. Its metadata is the same as a button's value: id and revision; who sends it is who decides. */
export function denyFormView(drawn: Drawn): ModalView {
  const { request } = drawn.case;
  return {
    type: 'modal',
    callback_id: VIEWS.deny,
    private_metadata: requestValue(request.id, request.revision),
    title: plain(TITLES.deny, limits.viewTitle),
    submit: plain('Deny', limits.viewTitle),
    close: plain('Back', limits.viewTitle),
    blocks: [
      sentenceBlock(asksFor(drawn), drawn.at.now),
      {
        type: 'input',
        block_id: FIELDS.reason,
        label: plain('Why'),
        hint: plain('The requester is told.'),
        element: {
          type: 'plain_text_input',
          action_id: FIELDS.reason,
          multiline: true,
          max_length: typed.reason,
        },
      },
    ],
  };
}
