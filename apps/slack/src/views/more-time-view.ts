/** Owns the form for more time: the same access from where it ends, for how long, and why. */

import { type Duration, type Grant, resourceById, roleOf } from '@sallyport/core';
import { grantValue, VIEWS } from '../action-ids.ts';
import { type ModalView, plain } from './blocks.ts';
import { TITLES } from './form-words.ts';
import { limits } from './limits.ts';
import { what } from './names.ts';
import type { Drawn } from './phase.ts';
import { durationBlock, justificationBlock, lengthsFor } from './request-modal-view.ts';
import { sentenceBlock } from './sentence.ts';

const PREFIX = 'More time: ';

/** The form. Its metadata is the grant's button value; who sends it is who asks, and everything is judged then. */
export function moreTimeFormView({ case: { request }, at }: Drawn, grant: Grant): ModalView {
  const resource = resourceById(at.policy, request.access.resource);
  const role = resource === undefined ? undefined : roleOf(resource, request.access.role);
  const max: Duration = role?.maxDuration ?? request.duration;
  const length = request.duration <= max ? request.duration : max;
  const before = request.justification;
  const why = before.startsWith(PREFIX) ? before : `${PREFIX}${before}`;
  return {
    type: 'modal',
    callback_id: VIEWS.moreTime,
    private_metadata: grantValue(grant.id),
    title: plain(TITLES.moreTime, limits.viewTitle),
    submit: plain('Send request', limits.viewTitle),
    close: plain('Cancel', limits.viewTitle),
    blocks: [
      sentenceBlock(
        [`A new request for ${what(at.policy, request.access)}, from `, { at: grant.expiresAt }, ' on.'],
        at.now,
      ),
      durationBlock({ lengths: lengthsFor(max, length), length }),
      justificationBlock({ justification: why }),
    ],
  };
}
