/** Owns the Details modal: the whole text of a request, and everything decided on it. */
import { formatDuration, nameOf, scopeText } from '@sallyport/core';
import type { ModalView } from './blocks.ts';
import { quote } from './blocks.ts';
import { shown } from './limits.ts';
import { detailText, principalWithId } from './names.ts';
import { noteView } from './note-view.ts';
import { type Drawn, statusLine } from './phase.ts';
import { asksFor, reasonOf } from './request-card.ts';
import { sentenceBlock } from './sentence.ts';
import { cut, oneLine, paragraph } from './text.ts';

/** The modal. */
export function detailsView(drawn: Drawn): ModalView {
  const { case: c, at } = drawn;
  const { request } = c;
  const { access } = request;
  return noteView(asksFor(drawn), {
    title: 'Request details',
    now: at.now,
    more: [
      quote(cut(paragraph(request.justification), shown.fullText)),
      ...(access.details ?? []).map((detail) => quote(cut(paragraph(detailText(detail)), shown.fullText))),
      sentenceBlock(statusLine(drawn), at.now),
      ...reasonOf(drawn),
      sentenceBlock(
        [
          `From: ${principalWithId(at.policy, request.requester)}\nFor: ${principalWithId(at.policy, request.subject)}\n`,
          `Role: ${access.role} (${scopeText(access.scopes)}) on ${access.resource}\nAudience: ${access.audience}\n`,
          ...(request.actor === undefined ? [] : [`Acting for them: ${principalWithId(at.policy, request.actor)}\n`]),
          `For how long: ${formatDuration(request.duration)}\n`,
          ...(request.ticket === undefined ? [] : [`Ticket: ${cut(oneLine(request.ticket), shown.ticket)}\n`]),
          `Rule: ${request.ruleId}, policy ${request.policyVersion.slice(0, 8)}\nSubject: ${nameOf(request.subject)}\n`,
          `Request: ${request.id}, revision ${request.revision}\nAsked at `,
          { at: request.openedAt },
        ],
        at.now,
      ),
    ],
  });
}
