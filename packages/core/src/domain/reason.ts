/** Reason: the tree of why the policy says what it says; card, REST body and trail are renderings of it. */

export type ReasonCode =
  | 'subject_in_force'
  | 'requester_in_force'
  | 'actor_in_force'
  | 'requester_may_ask_for_subject'
  | 'resource_in_force'
  | 'role_exists'
  | 'a_rule_matches'
  | 'rule'
  | 'rule_still_auto_approves'
  | 'who_includes_subject'
  | 'rule_names_role'
  | 'lines_can_be_met'
  | 'line_has_people'
  | 'scopes_in_role';

export interface Reason {
  readonly check: ReasonCode;
  readonly met: boolean;
  /** What the check was about: an id of the policy. Never free text. */
  readonly about?: string;
  readonly parts: readonly Reason[];
}

/** A check without parts. */
export function leaf(check: ReasonCode, met: boolean, about?: string): Reason {
  return { check, met, ...(about === undefined ? {} : { about }), parts: [] };
}

/** A check that holds when all its parts do, and that has at least one part. */
export function allOf(check: ReasonCode, parts: readonly Reason[], about?: string): Reason {
  return { ...leaf(check, parts.length > 0 && parts.every((part) => part.met), about), parts };
}

/** A check that holds when some part does. */
export function anyOf(check: ReasonCode, parts: readonly Reason[], about?: string): Reason {
  return {
    ...leaf(
      check,
      parts.some((part) => part.met),
      about,
    ),
    parts,
  };
}

/** The first unmet leaf: the shortest honest answer to "why not". */
export function firstUnmet(reason: Reason): Reason | undefined {
  if (reason.met) return undefined;
  for (const part of reason.parts) {
    const found = firstUnmet(part);
    if (found !== undefined) return found;
  }
  return reason;
}
