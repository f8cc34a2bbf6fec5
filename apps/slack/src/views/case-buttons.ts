/** Owns the buttons about a case: what each carries, asks back, and is called by a screen reader. */
import { asksStepUp, type Grant, type RequestId } from '@sallyport/core';
import { ACTIONS, grantValue, questionValue, requestValue } from '../action-ids.ts';
import { type Button, button } from './blocks.ts';
import { lengthText, onlyText, principalName, what } from './names.ts';
import type { Drawn } from './phase.ts';

/** Approve, with the question what exactly is approved; where that needs a fresh sign-in the press only leads there. */
export function approveButton({ case: { request }, at: { policy } }: Drawn): Button {
  const { id, revision, access, duration, subject, requester } = request;
  const whom = principalName(policy, requester);
  const target = subject.kind === 'workload' ? `${principalName(policy, subject)} (asked by ${whom})` : whom;
  return button({
    id: ACTIONS.approve,
    text: 'Approve',
    value: requestValue(id, revision),
    style: 'primary',
    about: `request ${id}`,
    ...(asksStepUp(policy, request)
      ? {}
      : {
          confirm: {
            title: 'Approve this request?',
            text: `Approve ${what(policy, access)}${onlyText(policy, access)} for ${lengthText(duration)} for ${target}?`,
            yes: 'Approve',
            no: 'Back',
          },
        }),
  });
}

/** Deny: opens the form that asks why. */
export function denyButton({ case: { request } }: Drawn): Button {
  return button({
    id: ACTIONS.deny,
    text: 'Deny',
    value: requestValue(request.id, request.revision),
    style: 'danger',
    about: `request ${request.id}`,
  });
}

/** Approve for less: the form that makes the ask shorter or smaller. */
export function lessButton({ case: { request } }: Drawn): Button {
  return button({
    id: ACTIONS.less,
    text: 'Approve for less',
    value: requestValue(request.id, request.revision),
    about: `request ${request.id}`,
  });
}

/** Ask a question: the form for it. */
export function askButton({ case: { request } }: Drawn): Button {
  return button({
    id: ACTIONS.ask,
    text: 'Ask a question',
    value: requestValue(request.id, request.revision),
    about: `about ${request.id}`,
  });
}

/** Reply: the form for the answer to one question. */
export function replyButton({ case: { request } }: Drawn, number: number): Button {
  return button({
    id: ACTIONS.reply,
    text: 'Reply',
    value: questionValue(request.id, request.revision, number),
    style: 'primary',
    about: `to question ${number}`,
  });
}

/** Details: the whole text. */
export function detailsButton({ case: { request } }: Drawn): Button {
  return button({
    id: ACTIONS.details,
    text: 'Details',
    value: requestValue(request.id, request.revision),
    about: `of request ${request.id}`,
  });
}

/** End now, with a question back. */
export function endNowButton({ case: { request }, at: { policy } }: Drawn, grant: Grant): Button {
  return button({
    id: ACTIONS.revoke,
    text: 'End now',
    value: grantValue(grant.id),
    style: 'danger',
    about: `access ${grant.id}`,
    confirm: {
      title: 'End this access now?',
      text: `End ${what(policy, request.access)} for ${principalName(policy, request.subject)}? It stops at once.`,
      yes: 'End now',
      no: 'Keep it',
    },
  });
}

/** Cancel request: by the requester, from their own message, form or Home. */
export function cancelButton({ case: { request } }: Drawn): Button {
  return button({
    id: ACTIONS.cancel,
    text: 'Cancel request',
    value: requestValue(request.id, request.revision),
    about: request.id,
  });
}

/** Nudge: the approvers are asked again, at most once in 15 minutes. */
export function nudgeButton({ case: { request } }: Drawn): Button {
  return button({
    id: ACTIONS.nudge,
    text: 'Nudge',
    value: requestValue(request.id, request.revision),
    about: `the approvers of ${request.id}`,
  });
}

/** More time: the form for a new request that begins where this access ends. */
export function moreTimeButton({ case: { request } }: Drawn): Button {
  return button({
    id: ACTIONS.moreTime,
    text: 'More time',
    value: requestValue(request.id, request.revision),
    style: 'primary',
    about: `after ${request.id}`,
  });
}

/** Request again: the form, filled as it was. */
export function againButton({ case: { request } }: Drawn): Button {
  return button({
    id: ACTIONS.openRequest,
    text: 'Request again',
    value: requestValue(request.id, request.revision),
    about: `as ${request.id}`,
  });
}

/** Open the card: a link to it. */
export function openCardButton({ case: { request } }: Drawn, url: string): Button {
  return button({ id: ACTIONS.openCard, text: 'Open the card', url, about: `of ${request.id}` });
}

/** Open the page: a link to the request on the broker, where the same can be done without Slack. */
export function openPageButton({ case: { request } }: Drawn, url: string): Button {
  return button({ id: ACTIONS.openPage, text: 'Open the page', url, about: `of ${request.id}` });
}

/** Confirm on the page: where a fresh sign-in makes an approval count. */
export function confirmOnPageButton(request: RequestId, url: string): Button {
  return button({
    id: ACTIONS.openPage,
    text: "Confirm on Sallyport's page",
    url,
    style: 'primary',
    about: request,
  });
}
