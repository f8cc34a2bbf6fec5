/** Owns the Details modal: the whole text of a request, and everything decided on it. */
import { formatDuration, type Instant, nameOf, resourceById, scopeText } from '@sallyport/core';
import type { Block, ModalView } from './blocks.ts';
import { quote } from './blocks.ts';
import { openPageButton } from './case-buttons.ts';
import { shown } from './limits.ts';
import { detailText, meaningOf, personName, principalWithId } from './names.ts';
import { noteView } from './note-view.ts';
import { type Drawn, statusLine } from './phase.ts';
import { progressSentences } from './progress.ts';
import { questionBlocks } from './question-views.ts';
import { asksFor, reasonOf } from './request-card.ts';
import { type Sentence, sentenceBlock, sentenceList } from './sentence.ts';
import { cut, oneLine, paragraph } from './text.ts';
import { worthKnowing } from './worth-knowing.ts';

/** The modal. */
export function detailsView(drawn: Drawn): ModalView {
  const { case: c, at } = drawn;
  const { request } = c;
  const { access } = request;
  return noteView(asksFor(drawn), {
    title: 'Request details',
    now: at.now,
    buttons: drawn.pageUrl === undefined ? [] : [openPageButton(drawn, drawn.pageUrl)],
    more: [
      quote(cut(paragraph(request.justification), shown.fullText)),
      ...(access.details ?? []).map((detail) => quote(cut(paragraph(detailText(detail)), shown.fullText))),
      sentenceBlock(statusLine(drawn), at.now),
      ...reasonOf(drawn),
      ...part('Approvals', progressSentences(drawn), at.now),
      ...part('Decisions', decisionSentences(drawn), at.now),
      ...part('Worth knowing', worthKnowing(drawn), at.now),
      ...questionBlocks(drawn),
      sentenceBlock(
        [
          `From: ${principalWithId(at.policy, request.requester)}\nFor: ${principalWithId(at.policy, request.subject)}\n`,
          `Role: ${access.role} on ${access.resource}${meansText(drawn)}\nScopes: ${scopeText(access.scopes)}\nAudience: ${access.audience}\n`,
          ...(request.actor === undefined ? [] : [`Acting for them: ${principalWithId(at.policy, request.actor)}\n`]),
          `For how long: ${formatDuration(request.duration)}\n`,
          ...(request.notBefore === undefined ? [] : ['Starting: ', { at: request.notBefore }, '\n']),
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

/** A heading and its bullets, or nothing. */
function part(title: string, sentences: readonly Sentence[], now: Instant): readonly Block[] {
  return sentences.length === 0 ? [] : [sentenceBlock([{ strong: title }], now), ...sentenceList(sentences, now)];
}

/** Every decision, those of older revisions too. */
function decisionSentences({ case: c, at: { policy } }: Drawn): readonly Sentence[] {
  return c.decisions.map((one) => {
    const verb = one.verdict === 'approve' ? 'approved' : 'denied';
    const old = one.revision < c.request.revision ? ' This no longer counts: less was approved since.' : '';
    return [`${personName(policy, one.person)} ${verb} at `, { at: one.at }, `.${old}`];
  });
}

/** What the role and the resource are for, in the policy's words. */
function meansText({ case: { request }, at: { policy } }: Drawn): string {
  const about = resourceById(policy, request.access.resource)?.description;
  return [meaningOf(policy, request.access), about && cut(oneLine(about), shown.detail)]
    .flatMap((text) => (text === undefined ? [] : [`\n${text}`]))
    .join('');
}
