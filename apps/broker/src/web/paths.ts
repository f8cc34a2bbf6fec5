/** Where the pages are, and where somebody goes after signing in. */

/** Registered at the identity provider, to the letter. */
export const CALLBACK_PATH = '/login/callback';
/** Where somebody goes who did not come for a certain page. */
export const HOME = '/device';

const LOCAL = /^(?:\/[A-Za-z0-9_-]+)+(?:\?[A-Za-z0-9_=&-]*)?$/;
const LENGTH_MAX = 500;

/** The text if it is a path of ours: no host, no dots, no encoding, nothing a browser could read otherwise. */
export function localPath(text: unknown): string | undefined {
  return typeof text === 'string' && text.length <= LENGTH_MAX && LOCAL.test(text) ? text : undefined;
}

/** Where to send somebody who has to sign in before they see this page. `fresh`: to authenticate anew. */
export function loginPath(next: string, { fresh = false } = {}): string {
  return `/login?${new URLSearchParams({ next, ...(fresh ? { fresh: '1' } : {}) })}`;
}
