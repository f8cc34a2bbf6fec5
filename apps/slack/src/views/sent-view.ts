/** Owns what the form becomes when it was sent: to whom it went, or that it was approved at once. */
import { addressees } from './approvals.ts';
import type { ModalView } from './blocks.ts';
import { cancelButton, endNowButton } from './case-buttons.ts';
import { what } from './names.ts';
import { noteView } from './note-view.ts';
import { approvedBy, type Drawn, phaseOf } from './phase.ts';

/** "Request sent to Bob Berg and dba. req_… · expires 18:30" [Cancel request] */
export function sentView(drawn: Drawn): ModalView {
  const { case: c, at } = drawn;
  const { request, grant } = c;
  if (phaseOf(drawn) === 'pending' || grant === undefined) {
    return noteView(
      [`Request sent to ${addressees(at.policy, request)}. ${request.id} · expires `, { at: request.expiresAt }],
      { title: 'Request sent', now: at.now, buttons: [cancelButton(drawn)] },
    );
  }
  if (phaseOf(drawn) === 'later') {
    return noteView(
      [
        `Approved: ${what(at.policy, request.access)}, from `,
        { at: grant.notBefore },
        ' to ',
        { at: grant.expiresAt },
        `. ${approvedBy(drawn)}`,
      ],
      { title: 'Access approved', now: at.now, buttons: [endNowButton(drawn, grant)] },
    );
  }
  return noteView(
    [`Approved: ${what(at.policy, request.access)}, active until `, { at: grant.expiresAt }, `. ${approvedBy(drawn)}`],
    { title: 'Access approved', now: at.now, buttons: [endNowButton(drawn, grant)] },
  );
}
