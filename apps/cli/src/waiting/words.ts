/** Owns what a wait says: where it stands, how long it has been, and what to do when it ends without a decision. */
import { duration, formatDuration } from '@sallyport/core';
import { EXIT } from '../exit-codes.ts';
import { plain } from '../output.ts';
import type { Trouble } from '../trouble.ts';
import type { Count } from './approvals.ts';
import type { Progress } from './progress.ts';

const FOR_APPROVAL = 'Waiting for approval';

export interface Standing {
  readonly progress: Progress;
  /** How many have approved, if that is known. */
  readonly approvals?: Count | undefined;
  /** What is in the way just now. */
  readonly trouble?: Trouble | undefined;
  /** What is waited for until there is a request. */
  readonly opening?: string | undefined;
}

/** `Waiting for approval · req_… · 1 of 2 approvals`; with trouble, that first. */
export function standing({ progress: { requestId }, approvals, trouble, opening = FOR_APPROVAL }: Standing): string {
  const facts = [
    ...(trouble === undefined ? [] : [`${trouble.message}, trying again`]),
    ...(requestId === undefined ? [opening] : [FOR_APPROVAL, requestId]),
    ...(approvals === undefined ? [] : [`${approvals.given} of ${approvals.required} approvals`]),
  ];
  return plain(facts.join(' · '));
}

/** `3m12s of 10m`, from milliseconds. */
export function timeOf(passedMs: number, totalMs: number): string {
  return `${formatDuration(duration(Math.max(0, passedMs)))} of ${formatDuration(duration(totalMs))}`;
}

/** Ended without a decision. @param joins whether the same command would wait for the same request */
export function undecided(
  why: 'time' | 'interrupted',
  { requestId }: Progress,
  { waitMs, joins, canceled }: { readonly waitMs: number; readonly joins: boolean; readonly canceled: boolean },
): Trouble {
  const which = requestId ?? 'the request';
  const ended = why === 'interrupted' ? 'stopped' : waitMs === 0 ? undefined : 'the time is over';
  const state = canceled ? `${which} was taken back` : `${which} is still waiting for approval`;
  const next = nextOf(requestId, waitMs, joins && !canceled);
  return {
    exit: why === 'interrupted' ? EXIT.interrupted : EXIT.pending,
    code: why === 'interrupted' ? 'interrupted' : 'pending',
    message: ended === undefined ? state : `${ended}, and ${state}`,
    ...(next === undefined ? {} : { next }),
  };
}

function nextOf(requestId: string | undefined, waitMs: number, joins: boolean): string | undefined {
  if (!joins) return undefined;
  const pointed = requestId === undefined ? '' : ` (or says --request ${requestId})`;
  return waitMs === 0 ? `Add --wait 10m to wait for it.` : `It stays open: the same command joins it${pointed}.`;
}
