/** Where the pages are, and where somebody goes after signing in. */

import type { RequestId } from '@sallyport/core';

/** Registered at the identity provider, to the letter. */
export const CALLBACK_PATH = '/login/callback';
/** Where somebody goes who did not come for a certain page. */
export const HOME = '/device';

/** The list of requests, and the page of one. */
export const REQUESTS = '/requests';
export function requestPath(id: RequestId): string {
  return `${REQUESTS}/${id}`;
}

const LOCAL = /^(?:\/[A-Za-z0-9_-]+)+(?:\?[A-Za-z0-9_=&-]*)?$/;
const LENGTH_MAX = 500;

/** The text if it is a path of ours: no host, no dots, no encoding, nothing a browser could read otherwise. */
export function localPath(text: unknown): string | undefined {
  return typeof text === 'string' && text.length <= LENGTH_MAX && LOCAL.test(text) ? text : undefined;
}

/** Where to send somebody who has to sign in before they see this page; a place on it is left out. `fresh`: to authenticate anew. */
export function loginPath(next: string, { fresh = false } = {}): string {
  const page = next.split('#')[0] ?? next;
  return `/login?${new URLSearchParams({ next: page, ...(fresh ? { fresh: '1' } : {}) })}`;
}
