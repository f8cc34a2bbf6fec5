/** Owns batching: what is asked while statements are under way goes into the next one. No timer, nobody waits for company. */
import { StoreUnavailable } from './faults.ts';

export interface BatchOptions<Ask, Answer> {
  /** Asks of one statement at most. */
  readonly sizeMax: number;
  /** Statements under way at most. */
  readonly inFlightMax: number;
  /**
   * Answers all asks, in their order, each by a function that gives its answer or throws what is wrong with that one.
   * A rejection is everybody's.
   */
  readonly run: (asks: readonly Ask[]) => Promise<readonly (() => Answer)[]>;
}

/** Who waits for the next statement at most: beyond that the store is busy, and says so at once. */
const WAITING_MAX = 5_000;
/** A store that is away fails what is under way first; a store that is slow gets this long to catch up with a crowd. */
const WAIT_MS = 2_000;

interface Waiting<Ask, Answer> {
  readonly ask: Ask;
  readonly since: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (why: unknown) => void;
}

/**
 * Makes the one door through which asks of a kind reach the store. A statement begins after its asks were made, so each
 * sees what a statement of its own would have seen. Rejects with StoreUnavailable `busy` after two seconds without a turn.
 */
export function makeBatches<Ask, Answer>(options: BatchOptions<Ask, Answer>): (ask: Ask) => Promise<Answer> {
  let waiting: Waiting<Ask, Answer>[] = [];
  const underWay = new Set<readonly Waiting<Ask, Answer>[]>();
  let planned = false;

  /** Beside one that is under way only as large a one is worth its commit: a few that overtake a crowd would cost as much. */
  function isWorthwhile(): boolean {
    if (waiting.length === 0 || underWay.size >= options.inFlightMax) return false;
    return [...underWay].every((batch) => waiting.length >= batch.length);
  }

  /** At the end of this turn of the event loop: whatever else it brings goes along. */
  function plan(): void {
    if (planned || !isWorthwhile()) return;
    planned = true;
    setImmediate(() => {
      planned = false;
      start();
    });
  }

  function start(): void {
    const batch = waiting.slice(0, options.sizeMax);
    waiting = waiting.slice(options.sizeMax);
    const inTime = batch.filter(isInTime);
    if (inTime.length > 0) {
      underWay.add(inTime);
      void finish(inTime, options.run).finally(() => {
        underWay.delete(inTime);
        plan();
      });
    }
    plan();
  }

  return (ask) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= WAITING_MAX) return reject(new StoreUnavailable('busy'));
      waiting.push({ ask, since: performance.now(), resolve, reject });
      plan();
    });
}

function isInTime<Ask, Answer>({ since, reject }: Waiting<Ask, Answer>): boolean {
  if (performance.now() - since <= WAIT_MS) return true;
  reject(new StoreUnavailable('busy'));
  return false;
}

/** Runs a batch and gives everybody what is theirs. Never rejects. */
async function finish<Ask, Answer>(
  batch: readonly Waiting<Ask, Answer>[],
  run: BatchOptions<Ask, Answer>['run'],
): Promise<void> {
  try {
    const answers = await run(batch.map(({ ask }) => ask));
    for (const [index, { resolve, reject }] of batch.entries()) settle(answers[index], resolve, reject);
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}

function settle<Answer>(
  answer: (() => Answer) | undefined,
  resolve: (answer: Answer) => void,
  reject: (why: unknown) => void,
): void {
  try {
    if (answer === undefined) throw new Error('a batch answers every ask');
    resolve(answer());
  } catch (error) {
    reject(error);
  }
}
