/** Owns reading what was typed after the command: a resource, a length, "for …", and whatever else is the reason. */
import {
  type Duration,
  nameOf,
  type PersonId,
  type Policy,
  type Principal,
  parseDuration,
  person,
  samePrincipal,
} from '@sallyport/core';
import { matching, requestables, subjectsOf } from '../requestable.ts';
import { typed } from '../views/limits.ts';
import { type Chosen, ME } from '../views/request-modal-view.ts';

export interface Words {
  readonly resource?: string;
  readonly duration?: Duration;
  /** Whom it is for, as typed: what it means depends on who types. */
  readonly forWhom?: string;
  readonly reason?: string;
}

const QUOTES = /^["']+|["']+$/g;

/** `[resource] [duration] [for who] [reason …]`; 'usage' where a length was meant and is none, like `30x`. */
export function readWords(text: string): Words | 'usage' {
  const tokens = text.split(/\s+/).filter((token) => token !== '');
  let words: Words = {};
  for (let index = 0; index < tokens.length; index += 1) {
    const token = (tokens[index] ?? '').replace(QUOTES, '');
    const duration = parseDuration(token);
    const next = tokens[index + 1]?.replace(QUOTES, '');
    if (duration !== undefined && words.duration === undefined) words = { ...words, duration };
    else if (token.toLowerCase() === 'for' && next !== undefined && words.forWhom === undefined) {
      // "for 30m" is a length; the turn after this one reads it.
      if (parseDuration(next) === undefined) {
        words = { ...words, forWhom: next };
        index += 1;
      }
    } else if (index === 0) words = { ...words, resource: token };
    else if (/^\d/.test(token) && words.duration === undefined && words.reason === undefined) return 'usage';
    else return { ...words, reason: tokens.slice(index).join(' ').replace(QUOTES, '') };
  }
  return words;
}

/** The words as choices of this person. "for" somebody who is none of their own begins the reason. */
export function choicesOf(policy: Policy, id: PersonId, words: Words): Chosen {
  const { resource, duration, forWhom } = words;
  const subject = forWhom === undefined ? undefined : subjectNamed(policy, id, forWhom);
  const stray = forWhom === undefined || subject !== undefined ? [] : [`for ${forWhom}`];
  const reason = [...stray, ...(words.reason === undefined ? [] : [words.reason])].join(' ');
  return {
    ...(resource === undefined ? {} : { resource: resourceNamed(policy, id, resource) }),
    ...(duration === undefined ? {} : { duration }),
    ...(subject === undefined ? {} : { subject }),
    ...(reason === '' ? {} : { justification: reason.slice(0, typed.justification) }),
  };
}

/** `me`, or the name of a workload they own. */
function subjectNamed(policy: Policy, id: PersonId, typedName: string): string | undefined {
  const name = typedName.toLowerCase();
  const me = person(id);
  if (name === 'me' || name === 'myself') return ME;
  const owned = subjectsOf(policy, id).find(
    (one: Principal) => !samePrincipal(one, me) && [one.id, nameOf(one)].some((text) => text.toLowerCase() === name),
  );
  return owned === undefined ? undefined : nameOf(owned);
}

/** The id meant: itself, or the only one whose id or name has the typed text in it; else what was typed. */
function resourceNamed(policy: Policy, id: PersonId, typedName: string): string {
  const all = requestables(policy, id);
  const same = all.find(({ resource }) => resource.id.toLowerCase() === typedName.toLowerCase());
  if (same !== undefined) return same.resource.id;
  const [only, second] = matching(all, typedName, 2);
  return only !== undefined && second === undefined ? only.resource.id : typedName;
}
