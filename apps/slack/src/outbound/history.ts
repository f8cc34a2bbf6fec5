/** Owns adding what the ledger remembers to a case that is drawn. It helps to decide, and must not stand in the way of it. */
import type { Facts } from '@sallyport/core';
import type { Logger } from '@sallyport/platform';
import type { Drawn } from '../views/phase.ts';

export interface HistoryDeps {
  readonly facts: Facts;
  readonly logger: Logger;
}

/** The same with its history; without, when it could not be read. */
export async function withHistory(drawn: Drawn, { facts, logger }: HistoryDeps): Promise<Drawn> {
  try {
    const history = await facts.history(drawn.case.request.id);
    return history === undefined ? drawn : { ...drawn, history };
  } catch (err) {
    logger.warn('slack.history_unread', { requestId: drawn.case.request.id, err });
    return drawn;
  }
}
