/** Owns the words about approvals: who is waited for, who said yes, whom a line means, what one person's voice counts for. */
import {
  type AccessCase,
  type AccessRequest,
  type ApprovalLine,
  type Asking,
  approversOf,
  candidates,
  type Decision,
  decisionsInForce,
  eligibleLines,
  managersOf,
  type PersonId,
  type Policy,
  type Reference,
  refersToPerson,
  seating,
  tally,
} from '@sallyport/core';
import { listText, personName } from './names.ts';

/** Over this many approvers nobody gets a direct message: the card is enough. */
export const APPROVER_MESSAGES_MAX = 10;
const NAMES_MAX = 4;

/** How far the approvals are. */
export interface Progress {
  readonly required: number;
  readonly given: number;
  /** Approvals on the revision in force, first first. */
  readonly approvals: readonly Decision[];
  /** "Bob Berg (manager), 1 from dba"; empty when nobody is. */
  readonly waitingFor: string;
}

/** Counts what was given against the request's frozen lines. */
export function progressOf(policy: Policy, c: AccessCase): Progress {
  const approvals = decisionsInForce(c)
    .filter((one) => one.verdict === 'approve')
    .toSorted((a, b) => a.at - b.at);
  const { required, given, open } = tally(c.request.lines, approvals);
  const waiting = c.request.lines.flatMap((line, index) => {
    const places = open[index] ?? 0;
    return places === 0 ? [] : [lineText(policy, c.request, line, places)];
  });
  return { required, given, approvals, waitingFor: waiting.join(', ') };
}

/** One approval line: what it needs, who filled it, who may still answer. */
export interface LineProgress {
  /** "Bob Berg (manager)", "2 from dba". */
  readonly needs: string;
  readonly places: number;
  readonly given: readonly Decision[];
  /** People who may fill an open place and have not decided; empty when none is open. */
  readonly mayAnswer: readonly PersonId[];
}

/** Each approval line on its own, by the people of the policy in force. */
export function linesOf(policy: Policy, c: AccessCase): readonly LineProgress[] {
  const decided = decisionsInForce(c);
  const seats = seating(
    c.request.lines,
    decided.filter((one) => one.verdict === 'approve'),
  );
  return c.request.lines.map((line, index) => {
    const holders = seats[index] ?? [];
    const open = line.count - holders.length;
    const free = candidates(policy, c.request, line).filter((id) => !decided.some((one) => one.person === id));
    return {
      needs: lineText(policy, c.request, line, line.count),
      places: line.count,
      given: decided.filter((one) => holders.includes(one.person)).toSorted((a, b) => a.at - b.at),
      mayAnswer: open > 0 ? free : [],
    };
  });
}

/** "Carol Cole or Dan Dorn", "Carol Cole, Dan Dorn or 7 more". */
export function anyOf(policy: Policy, people: readonly PersonId[]): string {
  const names = shortened(people.map((id) => personName(policy, id)));
  return names.length <= 1 ? (names[0] ?? 'nobody') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

/** Whose approval made the revision in force: the first on it. Undefined while it is as it was asked. */
export function narrowerOf(c: AccessCase): Decision | undefined {
  if (c.request.revision === 1) return undefined;
  return decisionsInForce(c).toSorted((a, b) => a.at - b.at)[0];
}

/** "Bob Berg (manager)" where a line means one person, else "1 from dba". */
export function lineText(policy: Policy, asking: Asking, line: ApprovalLine, places: number): string {
  const names = line.from.flatMap((reference) => referenceTexts(policy, asking, reference));
  const [only] = line.from;
  const onePerson = line.from.length === 1 && names.length === 1 && only !== undefined && meansPeople(only);
  if (onePerson && places === 1) return names[0] ?? '';
  return `${places} from ${shortened(names).join(' or ') || 'nobody'}`;
}

/** "Bob Berg and dba": whom a request goes to. */
export function addressees(policy: Policy, request: Pick<AccessRequest, 'subject' | 'requester' | 'lines'>): string {
  const names = request.lines.flatMap((line) =>
    line.from.flatMap((reference) =>
      reference.kind === 'manager'
        ? managersOf(policy, request.subject, request.requester).map((one) => personName(policy, one.id))
        : referenceTexts(policy, request, reference),
    ),
  );
  return listText(shortened([...new Set(names)]));
}

/** "It needs Bob Berg (manager) or 1 from dba." */
export function allLines(policy: Policy, request: Pick<AccessRequest, 'subject' | 'requester' | 'lines'>): string {
  return request.lines.map((line) => lineText(policy, request, line, line.count)).join(' or ');
}

/** "dba, manager": the lines one person's approval counts for. */
export function countsFor(policy: Policy, request: AccessRequest, id: PersonId): string {
  const names = eligibleLines(policy, request, request.lines, id).flatMap((index) =>
    (request.lines[index]?.from ?? []).flatMap((reference) => voiceText(policy, request, reference, id)),
  );
  return [...new Set(names)].join(', ');
}

/** "Bob Berg, Dan Dorn". */
export function approverNames(policy: Policy, approvals: readonly Decision[]): string {
  return approvals.map((one) => personName(policy, one.person)).join(', ');
}

/** Everybody who could decide this request by the policy in force. */
export function approvers(policy: Policy, request: AccessRequest): readonly PersonId[] {
  return approversOf(policy, request, request.lines);
}

function referenceTexts(policy: Policy, asking: Asking, reference: Reference): readonly string[] {
  switch (reference.kind) {
    case 'group':
      return [reference.name];
    case 'person':
      return [personName(policy, reference.id)];
    case 'manager': {
      const managers = managersOf(policy, asking.subject, asking.requester);
      return managers.map((one) => `${personName(policy, one.id)} (manager)`);
    }
    case 'anyone':
      return ['anyone'];
    case 'workload':
      return [];
  }
}

function voiceText(policy: Policy, asking: Asking, reference: Reference, id: PersonId): readonly string[] {
  if (reference.kind === 'manager') {
    return managersOf(policy, asking.subject, asking.requester).some((one) => one.id === id) ? ['manager'] : [];
  }
  if (!refersToPerson(policy, reference, id)) return [];
  if (reference.kind === 'group') return [reference.name];
  return reference.kind === 'person' ? ['you by name'] : ['anyone'];
}

function meansPeople(reference: Reference): boolean {
  return reference.kind === 'manager' || reference.kind === 'person';
}

function shortened(names: readonly string[]): readonly string[] {
  return names.length <= NAMES_MAX ? names : [...names.slice(0, NAMES_MAX), `${names.length - NAMES_MAX} more`];
}
