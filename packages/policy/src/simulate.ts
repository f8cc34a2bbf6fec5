/** What if X asked for Y, and B approved: the core's own judgement, put into words. No second engine. */
import {
  type ApprovalLine,
  approversOf,
  candidates,
  eligibleLines,
  evaluate,
  formatDuration,
  impossible,
  isOwn,
  nameOf,
  type PersonId,
  type Policy,
  personById,
  type Question,
  resourceById,
  tally,
  type Verdict,
  wantsStepUp,
} from '@sallyport/core';
import { referenceText } from './from-policy.ts';
import { reasonLines } from './reason-text.ts';

/** People named in one line of text; the rest are counted. */
const NAMES_MAX = 20;
const STEP_UP = 'step-up: an approval counts only with a fresh sign-in, made for it on the page of the request';

export interface Explanation {
  readonly question: Question;
  readonly verdict: Verdict;
  /** Everybody who could decide, in the directory's order. */
  readonly approvers: readonly PersonId[];
  /** For people, ready to print. */
  readonly lines: readonly string[];
}

export type Outcome = 'forbidden' | 'nobody_can_approve' | 'auto_approved' | 'approved' | 'pending';

export interface Simulation {
  readonly outcome: Outcome;
  readonly explanation: Explanation;
  /** For people, ready to print: who counted, who did not and why, what came of it. */
  readonly lines: readonly string[];
}

/** Judges a question and says why, by which rule, and who could approve. */
export function explain(policy: Policy, question: Question): Explanation {
  const verdict = evaluate(policy, question);
  const needed = verdict.kind === 'needs_approval' || verdict.kind === 'nobody_can_approve';
  const approvals = needed ? verdict.rule.approvals : [];
  const approvers = approversOf(policy, question, approvals);
  const lines = [
    questionText(policy, question),
    verdictText(verdict),
    ...approvals.map((line, index) => lineText(policy, question, line, index)),
    ...(needed ? [`could decide: ${peopleText(policy, approvers)}`] : []),
    ...(needed && wantsStepUp(verdict.rule, verdict.resource) ? [STEP_UP] : []),
    'why:',
    ...reasonLines(verdict.because, 1),
  ];
  return { question, verdict, approvers, lines };
}

/** As `explain`, and then these people approve, in this order. */
export function simulate(policy: Policy, question: Question, approvedBy: readonly PersonId[]): Simulation {
  const explanation = explain(policy, question);
  const { verdict } = explanation;
  if (verdict.kind !== 'needs_approval') {
    return { outcome: verdict.kind, explanation, lines: [...explanation.lines, `outcome: ${verdict.kind}`] };
  }
  const { approvals } = verdict.rule;
  const voices = approvedBy.map((person) => ({ person, lines: eligibleLines(policy, question, approvals, person) }));
  const { met, given, required } = tally(approvals, voices);
  const lines = [
    ...explanation.lines,
    ...approvedBy.map((id) => voiceText(policy, question, approvals, id)),
    `outcome: ${met ? 'approved' : 'pending'}, ${given} of ${required}`,
  ];
  return { outcome: met ? 'approved' : 'pending', explanation, lines };
}

function questionText(policy: Policy, { subject, requester, resource, role }: Question): string {
  const name = resourceById(policy, resource)?.name ?? 'unknown';
  return `${nameOf(subject)} as ${role} of ${resource} (${name}), asked by ${nameOf(requester)}`;
}

function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'forbidden':
      return 'forbidden: no rule allows this';
    case 'auto_approved':
      return `approved at once by rule ${verdict.rule.id}, for at most ${formatDuration(verdict.role.maxDuration)}`;
    case 'needs_approval':
      return `needs approval by rule ${verdict.rule.id}, within ${formatDuration(verdict.rule.pendingTtl)}, for at most ${formatDuration(verdict.role.maxDuration)}`;
    case 'nobody_can_approve':
      return `nobody could approve this: rule ${verdict.rule.id} asks for more people than there are`;
    default:
      return impossible(verdict);
  }
}

function lineText(policy: Policy, question: Question, line: ApprovalLine, index: number): string {
  const from = line.from.map(referenceText).join(', ') || 'nobody';
  return `  ${index + 1}. ${line.count} from ${from}: ${peopleText(policy, candidates(policy, question, line))}`;
}

function voiceText(policy: Policy, question: Question, approvals: readonly ApprovalLine[], id: PersonId): string {
  const who = peopleText(policy, [id], false);
  if (personById(policy, id) === undefined) return `${id} does not count: not in the policy, or disabled`;
  if (isOwn(question, id)) return `${who} does not count: it is their own request`;
  const lines = eligibleLines(policy, question, approvals, id).map((index) => index + 1);
  return lines.length === 0
    ? `${who} does not count: no approver here`
    : `${who} could fill line ${lines.join(' or ')}`;
}

function peopleText(policy: Policy, ids: readonly PersonId[], counted = true): string {
  if (ids.length === 0) return 'nobody';
  const names = ids.slice(0, NAMES_MAX).map((id) => `${personById(policy, id)?.name ?? 'unknown'} (${id})`);
  const rest = ids.length > NAMES_MAX ? [`${ids.length - NAMES_MAX} more`] : [];
  const text = [...names, ...rest].join(', ');
  if (!counted) return text;
  return `${ids.length} ${ids.length === 1 ? 'person' : 'people'}: ${text}`;
}
