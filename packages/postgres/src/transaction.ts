/** Owns the one way to open a transaction, to run one statement that writes, and to read. */
import { isRerunnable, leavesCommitUnknown, StoreUnavailable, serverError, troubleOf, usableAfter } from './faults.ts';
import { cursorOf, type LaneCursor } from './lanes.ts';
import type { Afterwards, Connection, Pool } from './pool.ts';
import { type Statement, statement } from './statement.ts';

/** At most this often again after a serialization failure or a deadlock. */
const RERUNS_MAX = 3;
const JITTER_MS = 25;

export interface Tx {
  rows<Row>(query: Statement<Row>): Promise<Row[]>;
  /** Numbers the audit rows of this transaction. */
  readonly cursor: LaneCursor;
  /** Nothing of this shall be kept: the result is returned, the transaction rolled back. */
  rollBack(): void;
}

const BEGIN = statement<never>('begin');
const ROLLBACK = statement<never>('rollback');

/**
 * Runs `work` in a transaction (read committed: every statement sees what was committed before it, which is what a look
 * after a lock needs). Run again on 40001 and 40P01, so it must be repeatable. Throws StoreUnavailable for outages; a
 * commit nobody acknowledged is `commit_unknown`, and ends the connection and its lane.
 */
export async function transaction<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  return rerunning(pool, () => once(pool, work));
}

async function once<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const { connection, release } = await pool.acquire();
  const cursor = cursorOf(connection.lane);
  let keep = true;
  let committing = false;
  let afterwards: Afterwards = 'keep';
  try {
    await connection.rows(BEGIN);
    const result = await work({
      rows: (query) => connection.rows(query),
      cursor,
      rollBack: () => {
        keep = false;
      },
    });
    if (!keep) {
      await connection.rows(ROLLBACK);
      return result;
    }
    committing = true;
    await connection.commit();
    cursor.acknowledge();
    return result;
  } catch (error) {
    if (committing && !(error instanceof StoreUnavailable) && leavesCommitUnknown(error)) {
      afterwards = 'destroy_and_end_lane';
      throw new StoreUnavailable('commit_unknown', { cause: error });
    }
    afterwards = await undo(connection, error);
    throw error;
  } finally {
    release(afterwards);
  }
}

/** Rolls back if the connection still can; else it is destroyed, and the server rolls back. */
async function undo(connection: Connection, error: unknown): Promise<Afterwards> {
  const outsideTheDriver = serverError(error) === undefined && troubleOf(error) === undefined;
  if (!outsideTheDriver && !usableAfter(error)) return 'destroy';
  return connection.rows(ROLLBACK).then(
    () => 'keep' as const,
    () => 'destroy' as const,
  );
}

/**
 * Runs one statement that writes audit rows and commits by itself: one round trip. `work` must send exactly one statement.
 * An answer that never came is `commit_unknown`.
 */
export async function single<T>(
  pool: Pool,
  work: (
    connection: Pick<Connection, 'rows'>,
    cursor: LaneCursor,
  ) => Promise<{ readonly value: T; readonly wrote: boolean }>,
): Promise<T> {
  return rerunning(pool, async () => {
    const { connection, release } = await pool.acquire();
    const cursor = cursorOf(connection.lane);
    let afterwards: Afterwards = 'keep';
    try {
      const { value, wrote } = await work(connection, cursor);
      if (wrote) cursor.acknowledge();
      return value;
    } catch (error) {
      afterwards = afterSingle(error);
      throw afterwards === 'destroy_and_end_lane' ? new StoreUnavailable('commit_unknown', { cause: error }) : error;
    } finally {
      release(afterwards);
    }
  });
}

function afterSingle(error: unknown): Afterwards {
  if (usableAfter(error)) return 'keep';
  return troubleOf(error) === undefined && serverError(error) === undefined ? 'keep' : 'destroy_and_end_lane';
}

/** Reads, outside any transaction: one statement is one consistent look. */
export async function reading<T>(pool: Pool, work: (connection: Pick<Connection, 'rows'>) => Promise<T>): Promise<T> {
  return rerunning(pool, async () => {
    const { connection, release } = await pool.acquire();
    let afterwards: Afterwards = 'keep';
    try {
      return await work(connection);
    } catch (error) {
      const ours = serverError(error) === undefined && troubleOf(error) === undefined;
      afterwards = ours || usableAfter(error) ? 'keep' : 'destroy';
      throw error;
    } finally {
      release(afterwards);
    }
  });
}

async function rerunning<T>(pool: Pool, run: () => Promise<T>): Promise<T> {
  for (let reruns = 0; ; reruns++) {
    try {
      return await run();
    } catch (error) {
      if (!isRerunnable(error) || reruns >= RERUNS_MAX) throw faultOf(pool, error);
      await pause(Math.random() * JITTER_MS * (reruns + 1));
    }
  }
}

/** The fault an error of driver or server means, with its alarm; a bug of ours stays what it is. */
function faultOf(pool: Pool, error: unknown): unknown {
  if (error instanceof StoreUnavailable) return error;
  const trouble = troubleOf(error);
  if (trouble === undefined) return error;
  if (trouble === 'not_writable') pool.alarm({ event: 'store.not_writable', sqlState: serverError(error)?.code ?? '' });
  return new StoreUnavailable(trouble, { cause: error });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
