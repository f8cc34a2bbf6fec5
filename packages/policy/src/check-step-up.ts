/** Step-up that nobody could give: without a place to sign in, or where nobody is asked. An error, for access must not be given without the proof. */
import type { ItemOf } from './document.ts';
import type { PolicyIssue } from './issue.ts';
import type { Joined } from './joined.ts';

type RuleItem = Joined['rules'][number];

const NO_LOGIN =
  'nobody could approve this: step-up is a sign-in on the pages of the broker, and the policy has no login';

/** Errors for every `step_up: true` that could never be served, and a warning for approvers who cannot sign in. */
export function checkStepUp(joined: Joined): readonly PolicyIssue[] {
  const guarded = new Set(joined.resources.flatMap(({ value }) => (value.step_up === true ? [value.id] : [])));
  return [
    ...(joined.login === undefined ? withoutLogin(joined) : []),
    ...joined.rules.flatMap((item) => [...askingNobody(item, guarded), ...unableToSignIn(item, guarded, joined)]),
  ];
}

function withoutLogin({ resources, rules }: Joined): readonly PolicyIssue[] {
  return [...resources, ...rules].flatMap(({ value, issueAt }) =>
    value.step_up === true ? [issueAt('error', ['step_up'], NO_LOGIN)] : [],
  );
}

/** A rule that approves by itself has no person who could sign in. */
function askingNobody({ value, issueAt }: RuleItem, guarded: ReadonlySet<string>): readonly PolicyIssue[] {
  if (value.effect !== 'auto_approve') return [];
  if (value.step_up === true)
    return [issueAt('error', ['step_up'], 'auto_approve asks nobody, so nobody signs in; remove one of the two')];
  if (!guarded.has(value.resource)) return [];
  return [issueAt('error', ['effect'], `${value.resource} asks for step_up, and auto_approve asks nobody to sign in`)];
}

/** A line that too few of its people could fill, for they are bound to no subject where people sign in. */
function unableToSignIn(item: RuleItem, guarded: ReadonlySet<string>, joined: Joined): readonly PolicyIssue[] {
  const { step_up: own, resource, approvals = [] } = item.value;
  const { login, people } = joined;
  if (login === undefined || !(own === true || guarded.has(resource))) return [];
  const managers = new Set(people.flatMap(({ value }) => value.manager ?? []));
  return approvals.flatMap(({ count, from = [] }, index) => {
    const meant = people.filter(({ value }) => value.enabled !== false && isMeant(value, from, managers));
    const able = meant.filter(({ value }) => value.subject?.issuer === login.value.issuer);
    if (meant.length < count || able.length >= count) return [];
    const message = `too few of them can sign in: a step-up needs a subject at ${login.value.issuer}`;
    return [item.issueAt('warning', ['approvals', index], message)];
  });
}

function isMeant(
  { id, groups = [] }: ItemOf<'people'>,
  from: readonly string[],
  managers: ReadonlySet<string>,
): boolean {
  return from.some(
    (reference) =>
      reference === 'anyone' ||
      reference === `person:${id}` ||
      groups.some((group) => reference === `group:${group}`) ||
      (reference === 'manager' && managers.has(id)),
  );
}
