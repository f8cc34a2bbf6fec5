/** Approving for less: what is left of an ask, in the address of its page and in its forms. Scopes are named by their place in the ask. */
import {
  type AccessRequest,
  type Duration,
  formatDuration,
  hours,
  minutes,
  type Narrowing,
  parseDuration,
  type Scope,
} from '@sallyport/core';

/** What somebody wants to leave of the revision they saw. */
export interface Less {
  readonly duration?: Duration;
  /** Places of the scopes that stay. */
  readonly keep?: readonly number[];
}

/** Beyond this they are approved or denied as they are: the choice must fit an address. */
export const SCOPES_CHOSEN_MAX = 50;
const LENGTHS: readonly Duration[] = [5, 15, 30, 60, 120, 240].map((count) => minutes(count));
const PLACE = /^\d{1,2}$/;

/** Lengths to choose from: some shorter than the ask, and its own. */
export function lengthsOf({ duration: asked }: Pick<AccessRequest, 'duration'>): readonly Duration[] {
  return [...LENGTHS.filter((length) => length < asked && asked - length < hours(24 * 30)), asked];
}

/** Reads it from texts of an address or a form; what is none says nothing. `keep` is `0-2`, or several such; there and empty it keeps none. */
export function lessIn(texts: { readonly duration?: unknown; readonly keep?: unknown }): Less | undefined {
  const length = typeof texts.duration === 'string' ? parseDuration(texts.duration.slice(0, 40)) : undefined;
  const given = [texts.keep].flat().filter((text) => typeof text === 'string');
  const keep = given
    .flatMap((text) => text.split('-'))
    .filter((place) => PLACE.test(place))
    .slice(0, SCOPES_CHOSEN_MAX)
    .map(Number);
  if (length === undefined && given.length === 0) return undefined;
  return { ...(length === undefined ? {} : { duration: length }), ...(given.length === 0 ? {} : { keep }) };
}

/** The narrowing it is of this ask. */
export function narrowingOf({ duration: length, keep }: Less, { access }: AccessRequest): Narrowing {
  const scopes = keep?.flatMap((place): Scope | [] => access.scopes[place] ?? []);
  return { ...(length === undefined ? {} : { duration: length }), ...(scopes === undefined ? {} : { scopes }) };
}

/** How it is spelled where it goes on: in an address, and in hidden fields. */
export function lessTexts({ duration: length, keep }: Less): readonly (readonly [string, string])[] {
  return [
    ...(length === undefined ? [] : [['duration', formatDuration(length)] as const]),
    ...(keep === undefined ? [] : [['keep', keep.join('-')] as const]),
  ];
}

/** The choice as the query of the page, with the revision it is a choice of. */
export function lessQuery(revision: number, less: Less | undefined): string {
  const texts = less === undefined ? [] : lessTexts(less);
  return [['revision', String(revision)], ...texts].map((pair) => pair.join('=')).join('&');
}
