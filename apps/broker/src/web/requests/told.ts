/** What a reader is told beside the request itself, and how the revision they saw comes back. */
import type { Told } from './request-page.ts';

/** They saw another revision than there is: nothing was done, and here is how it is now. */
export const STALE: NonNullable<Told['problem']> = {
  status: 409,
  title: 'This changed since you saw it',
  text: 'Somebody approved less than was asked. Nothing was decided by you. Here is how it is now: decide on that.',
};

const REVISION = /^[1-9]\d{0,6}$/;

/** The revision in a form or an address; undefined for whatever is none. */
export function revisionIn(text: unknown): number | undefined {
  return typeof text === 'string' && REVISION.test(text) ? Number(text) : undefined;
}
