/** Who will have to approve, in words, by the lines of the rule that will decide. */
import { type ApprovalLine, type Asking, candidates, managersOf, type Policy, type Reference } from '@sallyport/core';
import { listText, personName } from './words.ts';

const NAMES_MAX = 4;

/** "Bob Berg (manager)" where a line means one person, else "1 of the group dba (Carol Cole, Dan Dorn)". */
export function lineText(policy: Policy, asking: Asking, line: ApprovalLine): string {
  const people = candidates(policy, asking, line).map((id) => personName(policy, id));
  const [first, ...others] = people;
  const means = listText(
    line.from.flatMap((reference) => referenceTexts(policy, asking, reference)),
    'or',
  );
  if (first !== undefined && others.length === 0 && line.count === 1) return onlyOne(line, first);
  return `${line.count} from ${means}${namesText(people)}`;
}

function onlyOne({ from }: ApprovalLine, name: string): string {
  const [reference] = from;
  if (from.length !== 1 || reference === undefined) return name;
  if (reference.kind === 'manager') return `${name} (manager)`;
  return reference.kind === 'group' ? `${name} (${reference.name})` : name;
}

function namesText(people: readonly string[]): string {
  if (people.length === 0) return ', where there is nobody';
  const shown = people.slice(0, NAMES_MAX);
  const more = people.length - shown.length;
  return ` (${listText([...shown, ...(more > 0 ? [`${more} more`] : [])])})`;
}

function referenceTexts(policy: Policy, asking: Asking, reference: Reference): readonly string[] {
  switch (reference.kind) {
    case 'group':
      return [reference.name];
    case 'person':
      return [personName(policy, reference.id)];
    case 'manager':
      return managersOf(policy, asking.subject, asking.requester).map(
        (one) => `${personName(policy, one.id)} (manager)`,
      );
    case 'anyone':
      return ['anyone'];
    case 'workload':
      return [];
  }
}
