/** Quorum: who may fill which approval line, and whether distinct people fill them all. */
import { type Edge, maxFlow } from './max-flow.ts';
import { type ApprovalLine, managersOf, type PersonEntry, type Policy, type Reference } from './policy.ts';
import { type PersonId, type Principal, person, samePrincipal } from './principal.ts';

/** For whom and by whom: the people of a request who never count as its approvers. */
export interface Asking {
  readonly subject: Principal;
  readonly requester: Principal;
  /** Who acts for the subject, if somebody does. */
  readonly actor?: Principal;
  /** Who started the run that asks, where its token names them. */
  readonly startedBy?: PersonId;
}

/** Somebody's say, given by themselves or by whoever stands in for them. */
export interface Voice {
  readonly person: PersonId;
  /** The indexes of the lines that person could fill themselves. */
  readonly lines: readonly number[];
}

/** What one person could fill: by themselves, and for those they stand in for. Voices that fill nothing are left out. */
export interface Reach {
  readonly lines: readonly number[];
  readonly onBehalfOf?: readonly Voice[];
}

/** Somebody's approval, and what they could fill when they clicked. */
export interface Approval extends Reach {
  readonly person: PersonId;
}

export interface Tally {
  /** Places in all lines together. */
  readonly required: number;
  /** Places filled by distinct people. */
  readonly given: number;
  readonly met: boolean;
  /** Places still open, by line. */
  readonly open: readonly number[];
}

/** Whether a person is the requester, the subject, the actor, or started the run: they never decide their own request. */
export function isOwn({ subject, requester, actor, startedBy }: Asking, id: PersonId): boolean {
  const own = [subject, requester, ...(actor === undefined ? [] : [actor])];
  return startedBy === id || own.some((one) => samePrincipal(one, person(id)));
}

/**
 * The people who may fill a place of this line, by the policy in force: listed, enabled and not asking.
 * One pass over the directory, however large.
 */
export function candidates(policy: Policy, asking: Asking, line: ApprovalLine): readonly PersonId[] {
  const groups = new Set(line.from.flatMap((reference) => (reference.kind === 'group' ? [reference.name] : [])));
  const named = new Set(line.from.flatMap((reference) => namedBy(policy, asking, reference)));
  const anyone = line.from.some((reference) => reference.kind === 'anyone');
  const fits = (entry: PersonEntry): boolean =>
    anyone || named.has(entry.id) || entry.groups.some((group) => groups.has(group));
  return policy.people
    .filter((entry) => entry.enabled && fits(entry) && !isOwn(asking, entry.id))
    .map((entry) => entry.id);
}

function namedBy(policy: Policy, asking: Asking, reference: Reference): readonly PersonId[] {
  if (reference.kind === 'person') return [reference.id];
  if (reference.kind !== 'manager') return [];
  return managersOf(policy, asking.subject, asking.requester).map((manager) => manager.id);
}

/** The indexes of the lines a person may fill; empty: not an approver. */
export function eligibleLines(
  policy: Policy,
  asking: Asking,
  lines: readonly ApprovalLine[],
  id: PersonId,
): readonly number[] {
  return lines.flatMap((line, index) => (candidates(policy, asking, line).includes(id) ? [index] : []));
}

/** Everybody these lines mean and which they could fill, in the directory's order. */
export function everyApproval(policy: Policy, asking: Asking, lines: readonly ApprovalLine[]): readonly Approval[] {
  const byLine = lines.map((line) => new Set(candidates(policy, asking, line)));
  return policy.people.flatMap(({ id }) => {
    const fits = byLine.flatMap((people, index) => (people.has(id) ? [index] : []));
    return fits.length === 0 ? [] : [{ person: id, lines: fits }];
  });
}

/** Everybody these lines mean, without duplicates, in the directory's order; who stands in for them see `decidersOf`. */
export function approversOf(policy: Policy, asking: Asking, lines: readonly ApprovalLine[]): readonly PersonId[] {
  return everyApproval(policy, asking, lines).map((approval) => approval.person);
}

/** Whether distinct people could fill every place. No lines: nobody, so no. */
export function satisfiable(policy: Policy, asking: Asking, lines: readonly ApprovalLine[]): boolean {
  return tally(lines, everyApproval(policy, asking, lines)).met;
}

/**
 * Counts approvals against the lines. One person fills at most one place, by their own voice or by that of somebody they
 * stand in for; one voice fills at most one place, whoever gives it; whichever helps most (a largest flow from people
 * over voices to lines), so the order of clicks never matters. No lines: never met.
 */
export function tally(lines: readonly ApprovalLine[], approvals: readonly Approval[]): Tally {
  const { edges, flow } = seated(lines, approvals);
  const filled = lines.map((_, index) =>
    sum(edges.map((edge, at) => (edge.from === lineNode(index) ? (flow[at] ?? 0) : 0))),
  );
  const required = sum(lines.map((line) => line.count));
  const given = sum(filled);
  const open = lines.map((line, index) => line.count - (filled[index] ?? 0));
  return { required, given, met: required > 0 && given === required, open };
}

/** Who fills which line, by the same flow as `tally`: one list of people for each line. */
export function seating(
  lines: readonly ApprovalLine[],
  approvals: readonly Approval[],
): readonly (readonly PersonId[])[] {
  const { edges, flow } = seated(lines, approvals);
  const flows = (from: string, to: string): boolean =>
    edges.some((edge, at) => edge.from === from && edge.to === to && (flow[at] ?? 0) > 0);
  const voiceOf = spokenFor(lines, approvals);
  return lines.map((_, index) =>
    [...voiceOf].flatMap(([who, voice]) =>
      flows(personNode(who), voiceNode(voice)) && flows(spokenNode(voice), lineNode(index)) ? [who] : [],
    ),
  );
}

/**
 * For whom each approval counts: the person themselves wherever that fills as many places, else whom they stand in for.
 * Of one that fills no place: themselves if they could fill a line, else the first they stand in for.
 */
export function spokenFor(
  lines: readonly ApprovalLine[],
  approvals: readonly Approval[],
): ReadonlyMap<PersonId, PersonId> {
  const { edges, flow } = seated(lines, approvals);
  return new Map(
    approvals.map(({ person: who, lines: own, onBehalfOf = [] }) => {
      const voices = [who, ...onBehalfOf.map((voice) => voice.person)];
      const used = voices.find((voice) =>
        edges.some((edge, at) => edge.from === personNode(who) && edge.to === voiceNode(voice) && (flow[at] ?? 0) > 0),
      );
      return [who, used ?? (own.length > 0 ? who : (onBehalfOf[0]?.person ?? who))] as const;
    }),
  );
}

const SOURCE = 'source';
const SINK = 'sink';
const personNode = (id: PersonId): string => `person ${id}`;
const voiceNode = (id: PersonId): string => `voice ${id}`;
const spokenNode = (id: PersonId): string => `spoken ${id}`;
const lineNode = (index: number): string => `line ${index}`;

/** Source → person → voice → spoken → line → sink, everybody and every voice once, every line as often as it counts. */
function seated(lines: readonly ApprovalLine[], approvals: readonly Approval[]) {
  const people = [...new Map(approvals.map((approval) => [approval.person, approval])).values()];
  const heard = new Map<PersonId, Voice>();
  const edges: Edge[] = lines.map(({ count }, index) => ({ from: lineNode(index), to: SINK, capacity: count }));
  for (const one of people) {
    edges.push({ from: SOURCE, to: personNode(one.person), capacity: 1 });
    for (const voice of [{ person: one.person, lines: one.lines }, ...(one.onBehalfOf ?? [])]) {
      edges.push(...voiceEdges(one.person, voice, heard));
    }
  }
  return { edges, flow: maxFlow(edges, SOURCE, SINK) };
}

/**
 * The first approval that gives a voice says how far it reaches. Where somebody's reach changed between two clicks, the
 * later one cannot use that voice: nobody is seated by what another could fill at another time.
 */
function voiceEdges(who: PersonId, voice: Voice, heard: Map<PersonId, Voice>): readonly Edge[] {
  if (voice.lines.length === 0) return [];
  const use: Edge = { from: personNode(who), to: voiceNode(voice.person), capacity: 1 };
  const before = heard.get(voice.person);
  if (before !== undefined) return String(before.lines) === String(voice.lines) ? [use] : [];
  heard.set(voice.person, voice);
  return [
    use,
    { from: voiceNode(voice.person), to: spokenNode(voice.person), capacity: 1 },
    ...voice.lines.map((line) => ({ from: spokenNode(voice.person), to: lineNode(line), capacity: 1 })),
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
