/** Owns the looking at how many have approved so far: a courtesy of the REST door, which is given up at the first no. */
import { parseRequestId, type RequestId } from '@sallyport/core';
import type { BrokerClient, ReadRequest } from '../broker-client.ts';
import type { Surroundings } from '../surroundings.ts';
import type { RequestView } from '../views.ts';

const HELD_SECONDS = 20;
const PAUSE_MS = 1_000;

export type Count = RequestView['approvals'];

export interface ApprovalsOptions {
  readonly broker: Pick<BrokerClient, 'awaitChange'>;
  /** Whether somebody watches: then reads are held, so that a change shows at once. Else it is looked when asked. */
  readonly watched: boolean;
  readonly clock: Pick<Surroundings, 'now' | 'sleep'>;
  /** Ends the watching. */
  readonly signal: AbortSignal;
  readonly onChange: (count: Count) => void;
}

/** @returns looks, and where somebody watches goes on watching; what is seen goes to `onChange` */
export function makeApprovals(options: ApprovalsOptions): (requestId: string | undefined) => Promise<void> {
  let isOver = false;
  return async (requestId) => {
    const id = parseRequestId(requestId ?? '');
    if (isOver || id === undefined) return;
    const seen = await look(options, id);
    isOver = seen === 'refused' || options.watched;
    if (options.watched && seen !== 'refused') void watch(options, id, seen);
  };
}

type Seen = ReadRequest | 'nothing new' | 'not now' | 'refused';

async function look({ broker, signal, onChange }: ApprovalsOptions, id: RequestId, etag?: string): Promise<Seen> {
  const read = await broker.awaitChange(id, etag, etag === undefined ? 0 : HELD_SECONDS);
  if (!read.ok) return read.error.retryAfterSeconds === undefined ? 'refused' : 'not now';
  if (read.value === undefined) return 'nothing new';
  if (!signal.aborted) onChange(read.value.view.approvals);
  return read.value;
}

/** One read after the other, each held until something changes; never two within a second without news. */
async function watch(options: ApprovalsOptions, id: RequestId, first: Seen): Promise<void> {
  const { clock, signal } = options;
  let etag = etagOf(first);
  while (!signal.aborted) {
    const beganMs = clock.now();
    const seen = await look(options, id, etag);
    if (seen === 'refused') return;
    const isNews = etagOf(seen) !== undefined && etagOf(seen) !== etag;
    etag = etagOf(seen) ?? etag;
    if (!isNews && clock.now() - beganMs < PAUSE_MS) await clock.sleep(PAUSE_MS, signal);
  }
}

function etagOf(seen: Seen): string | undefined {
  return typeof seen === 'object' ? seen.etag : undefined;
}
