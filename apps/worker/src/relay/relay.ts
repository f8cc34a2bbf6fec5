/** The relay: takes outbox rows, sets timers, wakes long polls, hands each row to the Slack program. Done is what the consumer says. */
import type { Ledger, RequestId } from '@sallyport/core';
import type { Logger } from '@sallyport/platform';
import type { Outbox, OutboxRow } from '@sallyport/postgres';
import type { Producer, Wake } from '@sallyport/queue';
import { timersOf } from './routes.ts';

const BATCH_MAX = 200;
const BATCHES_MAX = 50;
/** A row handed this often and still not done is somebody's to look at. */
const ALARMING_TRY = 5;

export interface RelayDeps {
  readonly outbox: Outbox;
  readonly ledger: Pick<Ledger, 'find'>;
  readonly producer: Producer;
  readonly wake: Wake;
  readonly logger: Logger;
}

/** Builds one run: everything that is due now, in batches. Throws when Postgres or the queue is away; the rows stay due. */
export function makeRelay(deps: RelayDeps): () => Promise<void> {
  return async () => {
    for (let batches = 0; batches < BATCHES_MAX; batches++) {
      const rows = await deps.outbox.claim(BATCH_MAX);
      await relayBatch(deps, rows);
      if (rows.length < BATCH_MAX) return;
    }
  };
}

async function relayBatch(deps: RelayDeps, rows: readonly OutboxRow[]): Promise<void> {
  const changed = new Set<RequestId>(rows.map((row) => row.requestId));
  await Promise.all([...changed].map((id) => deps.wake.publish(id)));
  for (const row of rows) {
    await deps.producer.slack(String(row.id), row.try, { outboxId: String(row.id), key: row.requestId });
    if (row.try === 1) await setTimers(deps, row);
    if (row.try >= ALARMING_TRY)
      deps.logger.error('outbox.not_done', { outboxId: String(row.id), requestId: row.requestId, attempt: row.try });
  }
  if (rows.length > 0) await deps.outbox.handed(rows);
}

async function setTimers({ ledger, producer }: RelayDeps, row: OutboxRow): Promise<void> {
  if (row.dueAt === undefined) return;
  const seen = await ledger.find(row.requestId);
  if (seen === undefined) return;
  for (const { due, at } of timersOf(row.event, seen.value)) {
    await producer.clock(row.requestId, row.caseVersion, at, { requestId: row.requestId, due });
  }
}
