/** Owns the words about approvals: who is waited for, who said yes, whom a line means, what one person's voice counts for. */
import {
  type AccessCase,
  type AccessRequest,
  type ApprovalLine,
  type Asking,
  type Decision,
  decidersOf,
  decisionsInForce,
  type Moment,
  managersOf,
  type PersonId,
  type Policy,
  type Reference,
  reachOf,
  refersToPerson,
  seating,
  spokenFor,
  tally,
} from '@sallyport/core';
import { listText, personName } from './names.ts';

/** Over this many approvers nobody gets a direct message: the card is enough. */
export const APPROVER_MESSAGES_MAX = 10;
const NAMES_MAX = 4;
const BY_NAME = 'you by name';

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
export function linesOf(at: Moment, c: AccessCase): readonly LineProgress[] {
  const decided = decisionsInForce(c);
  const seats = seating(
    c.request.lines,
    decided.filter((one) => one.verdict === 'approve'),
  );
  return c.request.lines.map((line, index) => {
    const holders = seats[index] ?? [];
    const open = line.count - holders.length;
    const free = decidersOf(at, c.request, [line]).filter((id) => !decided.some((one) => one.person === id));
    return {
      needs: lineText(at.policy, c.request, line, line.count),
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

/** "dba, manager (for Bob Berg)": the lines one person's approval counts for, and in whose place. */
export function countsFor(at: Moment, request: AccessRequest, id: PersonId): string {
  const { lines, onBehalfOf = [] } = reachOf(at, request, request.lines, id);
  const voice = (whose: PersonId, indexes: readonly number[]): readonly string[] =>
    indexes.flatMap((index) =>
      (request.lines[index]?.from ?? []).flatMap((reference) => voiceText(at.policy, request, reference, whose)),
    );
  const others = onBehalfOf.flatMap(({ person: away, lines: theirs }) => {
    const name = personName(at.policy, away);
    return voice(away, theirs).map((text) => (text === BY_NAME ? `${name}, who is away` : `${text} (for ${name})`));
  });
  return [...new Set([...voice(id, lines), ...others])].join(', ');
}

/** "Bob Berg", or "Carol Cole, for Bob Berg": who decided, and in whose place. */
export function deciderName(policy: Policy, c: AccessCase, decision: Decision): string {
  const others = decisionsInForce(c).filter((one) => one.verdict === decision.verdict);
  const among = others.some((one) => one.id === decision.id) ? others : [decision];
  const voice = spokenFor(c.request.lines, among).get(decision.person) ?? decision.person;
  const name = personName(policy, decision.person);
  return voice === decision.person ? name : `${name}, for ${personName(policy, voice)}`;
}

/** "Bob Berg, Dan Dorn"; "Carol Cole, for Bob Berg; Dan Dorn". */
export function approverNames(policy: Policy, c: AccessCase, approvals: readonly Decision[]): string {
  const names = approvals.map((one) => deciderName(policy, c, one));
  return names.join(approvals.some((one) => one.onBehalfOf !== undefined) ? '; ' : ', ');
}

/** Everybody who could decide this request at this moment, also in somebody's place. */
export function approvers(at: Moment, request: AccessRequest): readonly PersonId[] {
  return decidersOf(at, request, request.lines);
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
  return reference.kind === 'person' ? [BY_NAME] : ['anyone'];
}

function meansPeople(reference: Reference): boolean {
  return reference.kind === 'manager' || reference.kind === 'person';
}

function shortened(names: readonly string[]): readonly string[] {
  return names.length <= NAMES_MAX ? names : [...names.slice(0, NAMES_MAX), `${names.length - NAMES_MAX} more`];
}
