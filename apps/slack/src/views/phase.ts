/** Owns the phases a case is shown in, and the status line of each: the exact copy. */
import {
  type AccessCase,
  type BecauseCode,
  type CaseQuestion,
  decisionsInForce,
  type GrantStatus,
  type GrantUse,
  grantStateAt,
  type History,
  impossible,
  type Moment,
  type RequestStatus,
  requestStateAt,
  startsLater,
} from '@sallyport/core';
import { approverNames, deciderName, progressOf } from './approvals.ts';
import { principalName } from './names.ts';
import type { Piece, Sentence } from './sentence.ts';

/** What is drawn: a case, when and by which policy it was read. */
export interface Drawn {
  readonly case: AccessCase;
  readonly at: Moment;
  /** What its grant was used for; looked up once it has begun. */
  readonly use?: GrantUse;
  /** What was asked about it and answered, first first. */
  readonly questions?: readonly CaseQuestion[];
  /** What the ledger remembers around it; absent where it was not read. */
  readonly history?: History;
  /** Its page on the broker, where people can sign in there. */
  readonly pageUrl?: string;
}

/** Why something ended that nobody ended by hand, in words. */
export const BECAUSE_TEXT: Readonly<Record<BecauseCode, string>> = { account_deactivated: 'account deactivated' };

export type Phase = 'pending' | 'denied' | 'canceled' | 'undecided' | 'later' | 'active' | 'revoked' | 'over';

/** Where a case stands now, by the clock it was read with: a job having run makes no difference. */
export function phaseOf({ case: c, at: { now } }: Drawn): Phase {
  const state = requestStateAt(c.request, now);
  switch (state) {
    case 'pending':
    case 'denied':
    case 'canceled':
      return state;
    case 'expired':
      return 'undecided';
    case 'approved':
      return grantPhase(c, now);
    default:
      return impossible(state);
  }
}

function grantPhase(c: AccessCase, now: Moment['now']): Phase {
  if (c.grant === undefined) throw new Error('an approved request without a grant');
  const state = grantStateAt(c.grant, now);
  if (state === 'revoked') return 'revoked';
  if (state === 'expired') return 'over';
  return startsLater(c.grant, now) ? 'later' : 'active';
}

/** Whether nothing more can come of it. */
export function isFinal(phase: Phase): boolean {
  return phase !== 'pending' && phase !== 'later' && phase !== 'active';
}

/** The status line of the card. */
export function statusLine(drawn: Drawn): Sentence {
  const { case: c, at } = drawn;
  const { request, grant } = c;
  const phase = phaseOf(drawn);
  switch (phase) {
    case 'pending':
      return pendingLine(drawn);
    case 'denied':
      return request.status.state === 'denied'
        ? [`Denied by ${denierName(drawn)} at `, { at: request.status.at }, '.']
        : [];
    case 'canceled':
      return request.status.state === 'canceled' ? canceledLine(request.status, at) : [];
    case 'undecided': {
      const { given, required } = progressOf(at.policy, c);
      return ['Expired at ', { at: request.expiresAt }, ` with ${given} of ${required} approvals.`];
    }
    case 'later':
      return grant === undefined
        ? []
        : [`${approvedBy(drawn)} Starts `, { at: grant.notBefore }, ', ends ', { at: grant.expiresAt }, '.'];
    case 'active':
      return grant === undefined ? [] : ['Active until ', { at: grant.expiresAt }, `. ${approvedBy(drawn)}`];
    case 'revoked':
      return grant?.status.state === 'revoked' ? [...revokedLine(grant.status, at), ...useText(drawn)] : [];
    case 'over':
      return grant === undefined ? [] : ['Ended at ', { at: grant.expiresAt }, `, time was over.`, ...useText(drawn)];
    default:
      return impossible(phase);
  }
}

type Ended<S> = Extract<S, { readonly because?: BecauseCode }>;

function canceledLine({ by, at, because }: Ended<RequestStatus>, { policy }: Moment): Sentence {
  return because === undefined
    ? [`Canceled by ${principalName(policy, by)} at `, { at }, '.']
    : ['Canceled at ', { at }, `: ${BECAUSE_TEXT[because]}.`];
}

function revokedLine({ by, at, because }: Ended<GrantStatus>, { policy }: Moment): Sentence {
  return because === undefined
    ? [`Ended early by ${principalName(policy, by)} at `, { at }, '.']
    : ['Ended early at ', { at }, `: ${BECAUSE_TEXT[because]}.`];
}

/** The short form that goes into `text`: "Pending, 1 of 2 approvals." while pending, else the status line. */
export function shortStatus(drawn: Drawn): Sentence {
  if (phaseOf(drawn) !== 'pending') return statusLine(drawn);
  const { given, required } = progressOf(drawn.at.policy, drawn.case);
  return [`Pending, ${given} of ${required} approvals.`];
}

/** "Approved by Bob Berg, Dan Dorn." / "Approved automatically by rule payments-read." */
export function approvedBy({ case: c, at }: Drawn): string {
  if (c.request.effect === 'auto_approve') return `Approved automatically by rule ${c.request.ruleId}.`;
  return `Approved by ${approverNames(at.policy, c, progressOf(at.policy, c).approvals)}.`;
}

/** "Dan Dorn", "Carol Cole, for Bob Berg": who denied it. */
export function denierName({ case: c, at }: Drawn): string {
  const denial = decisionsInForce(c).find((one) => one.verdict === 'deny');
  return denial === undefined ? 'an approver' : deciderName(at.policy, c, denial);
}

function pendingLine({ case: c, at }: Drawn): Sentence {
  const { required, given, approvals, waitingFor } = progressOf(at.policy, c);
  const said = approvals.flatMap((one): Piece[] => [
    `${deciderName(at.policy, c, one)} approved at `,
    { at: one.at },
    '. ',
  ]);
  return [
    `Pending. ${given} of ${required} approvals. `,
    ...said,
    `Waiting for: ${waitingFor}. Expires `,
    { at: c.request.expiresAt },
    '.',
  ];
}

/** " 3 tokens were issued, the last at 13:31 by client ci.", to follow a sentence; nothing where it was not looked up. */
export function useText({ use }: Drawn): Sentence {
  if (use === undefined) return [];
  const { tokens, last } = use;
  if (last === undefined) return [' 0 tokens were issued.'];
  const said = tokens === 1 ? ' 1 token was issued, at ' : ` ${tokens} tokens were issued, the last at `;
  return [said, { at: last.at }, ` by client ${last.clientId}.`];
}
