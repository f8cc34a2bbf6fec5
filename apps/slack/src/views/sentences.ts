/** Owns the sentence for every expected no, exhaustively: short, what to do next, no names of strangers. */
import {
  type AccessCase,
  firstUnmet,
  type IdentityProblem,
  impossible,
  type Policy,
  type Reason,
  type ReasonCode,
  type Refusal,
  type RefusalCode,
  type RefusalOf,
} from '@sallyport/core';
import { allLines, progressOf } from './approvals.ts';
import { lengthText, principalName } from './names.ts';
import type { Sentence } from './sentence.ts';

/** What a sentence may need beside the refusal. */
export interface Telling {
  readonly policy?: Policy;
  /** The case the refusal is about, as it is now. */
  readonly case?: AccessCase;
  /** The Slack account that is told, for the one sentence that names it. */
  readonly account?: { readonly team: string; readonly user: string };
}

/** The sentences that belong to no refusal: faults, and clicks on what is no longer there. */
export const SAY = {
  notSaved: ['Something was slow. Nothing changed. Press the button again.'],
  notSavedForm: ['Something was slow. Nothing changed. Send it again.'],
  modalTooLate: ['Slack was slow, the form could not open. Try again.'],
  outOfDate: ['This message is out of date. Here is the current one.'],
  cantEnd: ['Only whoever asked, the owners and the approvers can end this access.'],
  cantCancel: ['Only whoever asked can cancel this request.'],
  cantNudge: ['Only whoever asked can nudge.'],
  cantSee: ['Only whoever asked, the owners and the approvers can see this.'],
  formOutOfDate: ['This form is out of date. Close it and press the button again.'],
  nothingToRequest: ['There is nothing here you can request. Ask your admin for a rule that names you.'],
  checking: ['Checking your account …'],
  sending: ['Still sending …'],
  answeredAlready: ['This question was answered already.'],
  tooManyQuestions: ['Enough was asked here. Talk to each other, then decide.'],
  filling: ['Filling in …'],
  ended: ['Ended.'],
  canceled: ['Canceled.'],
  done: ['Done.'],
} as const satisfies Record<string, Sentence>;

const MEMBERS_ONLY: Sentence = ['Only full, active members of this workspace can request or decide.'];
const GENERIC: Sentence = ["This can't be done here."];

type Tellers = { readonly [C in RefusalCode]: (refusal: RefusalOf<C>, telling: Telling) => Sentence };

const tellers = {
  request_unknown: () => ['There is no such request, or it is not yours.'],
  request_closed: closed,
  stale_revision: () => ['This changed since you saw it. Look at the card again, then decide.'],
  own_request: () => ["You can't decide your own request."],
  not_an_approver: (_, { policy, case: c }) =>
    policy === undefined || c === undefined || c.request.lines.length === 0
      ? ["You can't decide this one."]
      : [`You can't decide this one. It needs ${allLines(policy, c.request)}.`],
  already_decided: alreadyDecided,
  step_up_required: () => [
    "Approving this needs a fresh sign-in on Sallyport's own page. Nothing changed yet: sign in there and approve.",
  ],
  identity_rejected: ({ why }, { account }) => identitySentence(why, account),
  policy_forbids: ({ because }) => [`No rule allows this${whyNot(because)}.`],
  nobody_can_approve: () => ['Nobody can approve this.'],
  malformed: ({ what }) => [`This does not fit: ${what}.`],
  duration_too_long: ({ max }) => [`At most ${lengthText(max)} here.`],
  justification_too_short: ({ minLength }) => [`Say why, in at least ${minLength} characters.`],
  target_unknown: () => ['There is no such resource or role here.'],
  scope_not_covered: () => ['That is more than this role gives.'],
  details_not_covered: () => GENERIC,
  subject_token_rejected: () => GENERIC,
  actor_token_rejected: () => GENERIC,
  replayed: () => ['This was already done.'],
  proof_rejected: () => GENERIC,
  client_rejected: () => GENERIC,
  client_not_allowed: () => GENERIC,
  grant_type_unknown: () => GENERIC,
  approval_required: () => ['This needs an approval first.'],
  approval_pending: () => ['This is still waiting for approval.'],
  proof_required: () => GENERIC,
  nonce_required: () => GENERIC,
  hint_unknown: () => GENERIC,
  hint_expired: () => GENERIC,
  binding_message_rejected: () => GENERIC,
  polled_too_soon: () => ['Too fast. Try again in a moment.'],
  handle_unknown: () => GENERIC,
  handle_expired: () => GENERIC,
  grant_ended: (_, { case: c }) =>
    c?.grant === undefined ? ['This access has ended.'] : ['This access ended at ', { at: c.grant.expiresAt }, '.'],
  key_reused: () => ['This form was already sent. Open a new one.'],
  too_many: () => ['You have too many open requests.'],
} as const satisfies Tellers;

/** The sentence for a refusal. */
export function sentenceFor(refusal: Refusal, telling: Telling = {}): Sentence {
  // The table is complete by its type; the code picks the teller of exactly this refusal.
  const tell = tellers[refusal.code] as (refusal: Refusal, telling: Telling) => Sentence;
  return tell(refusal, telling);
}

function closed(refusal: RefusalOf<'request_closed'>, { policy }: Telling): Sentence {
  const { state, at, by } = refusal;
  const who = by === undefined || policy === undefined ? undefined : principalName(policy, by);
  switch (state) {
    case 'approved':
    case 'denied':
      return who === undefined
        ? [`This was already ${state} at `, { at }, '.']
        : [`${who} already ${state} this at `, { at }, '.'];
    case 'canceled':
      return ['It was canceled at ', { at }, '.'];
    case 'expired':
      return ['This request expired at ', { at }, '.'];
    default:
      return impossible(state);
  }
}

function alreadyDecided({ verdict, at }: RefusalOf<'already_decided'>, { policy, case: c }: Telling): Sentence {
  const waiting = policy === undefined || c === undefined ? '' : progressOf(policy, c).waitingFor;
  const rest = waiting === '' ? '' : ` Waiting for: ${waiting}.`;
  return [`You already ${verdict === 'approve' ? 'approved' : 'denied'} this at `, { at }, `.${rest}`];
}

function identitySentence(why: IdentityProblem, account: Telling['account']): Sentence {
  switch (why) {
    case 'guest':
    case 'bot':
    case 'stranger':
    case 'deactivated':
    case 'foreign_team':
    case 'enterprise_install':
    case 'event_refused':
    case 'unbound':
      return MEMBERS_ONLY;
    case 'facts_unreachable':
      return ['We could not check your account. Nothing changed. Try again in a minute.'];
    case 'nobody_matches':
    case 'several_match':
    case 'bound_by_policy':
    case 'not_in_directory': {
      const id = account === undefined ? '' : ` Send this to your admin: ${account.team} / ${account.user}.`;
      return [`Your Slack account isn't linked yet.${id}`];
    }
    default:
      return impossible(why);
  }
}

const REASONS: Readonly<Record<ReasonCode, (about: string) => string>> = {
  subject_in_force: (about) => `${about} is not in the policy any more`,
  requester_in_force: (about) => `${about} is not in the policy any more`,
  actor_in_force: (about) => `${about} is not in the policy any more`,
  requester_may_ask_for_subject: (about) => `you do not own ${about}`,
  resource_in_force: (about) => `${about} is not in the policy any more`,
  role_exists: (about) => `there is no role ${about} here`,
  a_rule_matches: () => '',
  rule: () => '',
  who_includes_subject: () => '',
  rule_names_role: () => '',
  lines_can_be_met: () => '',
  line_has_people: () => '',
  scopes_in_role: (about) => `the role ${about} no longer has these scopes`,
  rule_still_auto_approves: () => 'it would need an approval now',
};

function whyNot(because: Reason): string {
  const unmet = firstUnmet(because);
  const text = unmet === undefined ? '' : REASONS[unmet.check](bare(unmet.about ?? 'this'));
  return text === '' ? '' : `: ${text}`;
}

function bare(about: string): string {
  return about.replace(/^(?:person|workload):/, '');
}
