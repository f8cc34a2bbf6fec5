/** What people, lengths and times are called on pages. */
import { type Duration, type Instant, inSeconds, type PersonId, type Policy, type Principal } from '@sallyport/core';
import { type Html, html } from './html.ts';

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** "30 minutes", "1 hour 30 minutes". */
export function lengthText(length: Duration): string {
  let rest = inSeconds(length);
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`);
  }
  return parts.join(' ') || 'no time';
}

/** "14:05 UTC", with the date where it is not today's. */
export function timeText(at: Instant, now: Instant): Html {
  const iso = new Date(at).toISOString();
  const day = iso.slice(0, 10) === new Date(now).toISOString().slice(0, 10) ? '' : ` on ${iso.slice(0, 10)}`;
  return html`<time datetime="${iso}">${iso.slice(11, 16)} UTC${day}</time>`;
}

/** A person's name; the id where the directory no longer has them. */
export function personName(policy: Policy, id: PersonId): string {
  return policy.people.find((entry) => entry.id === id)?.name ?? id;
}

/** What a person or a workload is called. */
export function principalName(policy: Policy, { kind, id }: Principal): string {
  return kind === 'person' ? personName(policy, id) : id;
}

/** "a", "a and b", "a, b and c". */
export function listText(items: readonly string[], word = 'and'): string {
  const last = items.at(-1);
  if (last === undefined) return '';
  return items.length === 1 ? last : `${items.slice(0, -1).join(', ')} ${word} ${last}`;
}
