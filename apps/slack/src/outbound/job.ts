/** Owns what a job of the queue says, and what may come of it. */

/** A job as the queue brings it: ids only. */
export interface SlackJob {
  /** The outbox row; absent: only a hint. */
  readonly outboxId?: string | undefined;
  /** The request that changed. */
  readonly key: string;
}

export type JobOutcome = 'done' | { readonly retryInMs: number } | { readonly poison: string };
