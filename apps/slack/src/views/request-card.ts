/** Owns the approver card: the record of one request in its channel, a pure function of the case. */
import { type Access, asksStepUp, scopeText } from '@sallyport/core';
import {
  type Block,
  type Button,
  buttonRow,
  context,
  header,
  type Message,
  quote,
  type RichInline,
  richSection,
} from './blocks.ts';
import { approveButton, askButton, denyButton, detailsButton, endNowButton, lessButton } from './case-buttons.ts';
import { shown } from './limits.ts';
import {
  detailText,
  lengthText,
  meaningOf,
  principalName,
  principalWithId,
  RISK_TEXT,
  resourceName,
  riskOf,
  what,
} from './names.ts';
import { type Drawn, phaseOf, shortStatus, statusLine } from './phase.ts';
import { changedText, openSentences, questionsText } from './progress.ts';
import { messageText, richPieces, type Sentence, sentenceBlock, sentenceList } from './sentence.ts';
import { CUT_TAIL_DETAILS, cut, oneLine, paragraph } from './text.ts';
import { worthKnowing } from './worth-knowing.ts';

const WHY_HERE =
  'Here because its own channel could not take it, and none of its approvers could be written to. Who may decide is unchanged.';

/** The card. Derived facts first; the requester's own words are a quote, and cannot look like anything else. */
export function requestCard(drawn: Drawn): Message {
  return { text: cardText(drawn), blocks: cardBlocks(drawn) };
}

/** The same in the fallback channel, where nobody expects it: it says why it is there. */
export function fallbackCard(drawn: Drawn): Message {
  const { text, blocks } = requestCard(drawn);
  return phaseOf(drawn) === 'pending' ? { text, blocks: [context(WHY_HERE), ...blocks] } : { text, blocks };
}

/** "Alice Ahn asks for {what} for 30 minutes. Pending, 1 of 2 approvals. req_…" */
export function cardText(drawn: Drawn): string {
  const { case: c, at } = drawn;
  return messageText([...asksFor(drawn), ' ', ...shortStatus(drawn), ` ${c.request.id}`], at.now);
}

/** "Alice Ahn asks for {what} for 30 minutes." and, for somebody else, for whom. */
export function asksFor({ case: { request }, at: { policy } }: Drawn, verb: 'asks' | 'asked' = 'asks'): Sentence {
  const other =
    request.subject.kind === 'workload' && request.requester.kind === 'person'
      ? `, for ${principalName(policy, request.subject)}`
      : '';
  const who = principalName(policy, request.requester);
  return [`${who} ${verb} for ${what(policy, request.access)} for ${lengthText(request.duration)}${other}.`];
}

function cardBlocks(drawn: Drawn): readonly Block[] {
  const { case: c, at } = drawn;
  const { request } = c;
  return [
    header(`Access request: ${resourceName(at.policy, request.access.resource)}, ${request.access.role}`),
    richSection(facts(drawn)),
    quote(cut(paragraph(request.justification), shown.quote, CUT_TAIL_DETAILS)),
    sentenceBlock(stateFirst(statusLine(drawn)), at.now),
    ...reasonOf(drawn),
    ...(phaseOf(drawn) === 'pending' ? undecidedBlocks(drawn) : []),
    context(`${RISK_TEXT[riskOf(at.policy, request.access.resource)]} · rule ${request.ruleId} · ${request.id}`),
    ...buttonRow(buttons(drawn)),
  ];
}

/** The word for the state stands out: it is what somebody woken up looks for. */
function stateFirst([first, ...rest]: Sentence): Sentence {
  const [state] = typeof first === 'string' ? (/^[A-Z][a-z]+/.exec(first) ?? []) : [];
  return typeof first !== 'string' || state === undefined
    ? [first ?? '', ...rest]
    : [{ strong: state }, first.slice(state.length), ...rest];
}

/** What an approver needs beside the sentence when a message reaches them alone: why it is wanted, and how risky it is. */
export function askedBlocks({ case: { request }, at: { policy } }: Drawn): readonly Block[] {
  return [
    quote(cut(paragraph(request.justification), shown.detail)),
    context(`${RISK_TEXT[riskOf(policy, request.access.resource)]} · ${request.id}`),
  ];
}
const STEP_UP: Sentence = [
  "Approving needs a fresh sign-in on Sallyport's own page: press Approve. Denying needs none.",
];

/** What helps to decide, while it is to be decided. */
function undecidedBlocks(drawn: Drawn): readonly Block[] {
  const { now } = drawn.at;
  const known = worthKnowing(drawn);
  const changed = changedText(drawn);
  const asked = questionsText(drawn);
  return [
    ...(changed === undefined ? [] : [sentenceBlock([changed], now)]),
    ...openSentences(drawn).map((one) => sentenceBlock(one, now)),
    ...(asksStepUp(drawn.at.policy, drawn.case.request) ? [sentenceBlock(STEP_UP, now)] : []),
    ...(known.length === 0 ? [] : [sentenceBlock([{ strong: 'Worth knowing' }], now), ...sentenceList(known, now)]),
    ...(asked === undefined ? [] : [context(asked)]),
  ];
}

function facts({ case: { request }, at: { policy, now } }: Drawn): readonly RichInline[] {
  const meaning = meaningOf(policy, request.access);
  const rows: readonly (readonly [string, string | Sentence])[] = [
    ['From', principalWithId(policy, request.requester)],
    ['For', principalWithId(policy, request.subject)],
    ...(request.actor === undefined ? [] : [['Acting for them', principalWithId(policy, request.actor)] as const]),
    ['Role', `${request.access.role} (${scopeText(request.access.scopes)})`],
    ...(meaning === undefined ? [] : [['Allows', meaning] as const]),
    ...detailRows(request.access),
    ['For how long', lengthText(request.duration)],
    ...(request.notBefore === undefined ? [] : [['Starting', [{ at: request.notBefore }]] as const]),
    ...(request.ticket === undefined ? [] : [['Ticket', cut(oneLine(request.ticket), shown.ticket)] as const]),
    ...(request.bindingMessage === undefined ? [] : [['Shown to them', oneLine(request.bindingMessage)] as const]),
  ];
  return rows.flatMap(([label, value], index): RichInline[] => [
    { type: 'text', text: `${index === 0 ? '' : '\n'}${label}: `, style: { bold: true } },
    ...(typeof value === 'string' ? [{ type: 'text' as const, text: value }] : richPieces(value, now)),
  ]);
}

/** What narrows the access beyond its scopes: one row each, as it was asked (RFC 9396). */
function detailRows({ details = [] }: Access): readonly (readonly [string, string])[] {
  return details.map((detail) => ['Limited to', cut(oneLine(detailText(detail)), shown.detail, CUT_TAIL_DETAILS)]);
}

/** Why it was denied, in the approver's words. */
export function reasonOf({ case: { request } }: Drawn): readonly Block[] {
  const reason = request.status.state === 'denied' ? request.status.reason : undefined;
  return reason === undefined ? [] : [quote(cut(paragraph(reason), shown.quote))];
}

function buttons(drawn: Drawn): readonly Button[] {
  const phase = phaseOf(drawn);
  const { grant } = drawn.case;
  if (phase === 'pending') {
    return [approveButton(drawn), denyButton(drawn), lessButton(drawn), askButton(drawn), detailsButton(drawn)];
  }
  return (phase === 'later' || phase === 'active') && grant !== undefined ? [endNowButton(drawn, grant)] : [];
}
