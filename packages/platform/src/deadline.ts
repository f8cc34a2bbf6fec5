/** Owns waiting with a bound: a promise, but never longer than so many milliseconds. */

/** Thrown when the time of `withDeadline` was over first. */
export class DeadlinePassed extends Error {
  readonly code = 'deadline_passed';

  constructor(what: string, ms: number) {
    super(`${what} took longer than ${ms} ms`);
    this.name = 'DeadlinePassed';
  }
}

/** The outcome of `work`, or DeadlinePassed after `ms`. The work itself goes on; its late failure is swallowed. */
export async function withDeadline<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlinePassed(what, ms)), ms);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
