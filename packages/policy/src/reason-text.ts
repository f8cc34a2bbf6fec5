/** Renders the tree of reasons as indented lines of plain text. */
import type { Reason, ReasonCode } from '@sallyport/core';

const SENTENCES = {
  subject_in_force: 'the subject is in the policy and enabled',
  requester_in_force: 'the requester is in the policy and enabled',
  actor_in_force: 'who acts for the subject is in the policy and enabled',
  requester_may_ask_for_subject: 'the requester may ask for this subject',
  resource_in_force: 'the resource is in the policy and enabled',
  role_exists: 'the resource has this role',
  a_rule_matches: 'a rule matches',
  rule: 'rule',
  who_includes_subject: '`who` includes the subject',
  rule_names_role: 'the rule names the role',
  lines_can_be_met: 'distinct people could fill every line',
  line_has_people: 'enough people for the line',
  rule_still_auto_approves: 'the rule in force still approves this at once',
  scopes_in_role: 'the role has the scopes',
} as const satisfies Record<ReasonCode, string>;

/** One line per reason: `yes` or `no`, what was checked, and about what. */
export function reasonLines(reason: Reason, depth = 0): readonly string[] {
  const about = reason.about === undefined ? '' : `: ${reason.about}`;
  const line = `${'  '.repeat(depth)}${reason.met ? 'yes' : 'no '}  ${SENTENCES[reason.check]}${about}`;
  return [line, ...reason.parts.flatMap((part) => reasonLines(part, depth + 1))];
}
