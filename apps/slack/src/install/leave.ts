/** Owns what ties the browser that comes back from Slack to the one that left: ten minutes, once. */
import { after, minutes } from '@sallyport/core';
import { equalBytes, randomToken, sha256Hex } from '@sallyport/platform';
import type { Installing } from './installations.ts';

export interface Leave {
  /** Goes to Slack and comes back. */
  readonly state: string;
  /** Stays in the browser, sealed. */
  readonly cookie: string;
}

export const LEAVE_MINUTES = 10;

/** For somebody who is about to go to Slack. */
export async function leaves({ box, now }: Pick<Installing, 'box' | 'now'>): Promise<Leave> {
  const state = randomToken(32);
  return { state, cookie: await box.seal({ state }, after(now(), minutes(LEAVE_MINUTES))) };
}

/** Whether this is the browser that left, in time, for the first time. */
export async function comesBack(
  { box, now, first }: Pick<Installing, 'box' | 'now' | 'first'>,
  { state, cookie }: { readonly state: string; readonly cookie: string | undefined },
): Promise<boolean> {
  const kept = cookie === undefined ? undefined : await box.open(cookie, now());
  if (typeof kept?.state !== 'string' || !equalBytes(kept.state, state)) return false;
  const key = sha256Hex(state);
  return first({ scope: 'slack.install', key, bodyHash: key });
}
