/** Owns the lanes of the trail: dense counters, one lane per pooled connection, held in memory. */
import { randomBytes } from 'node:crypto';

/** A place in a lane. */
export interface LaneMark {
  readonly lane: string;
  readonly counter: number;
}

/** A lane in use by one connection. Its numbers are used up only by an acknowledged commit. */
export interface Lane {
  readonly id: string;
  readonly instance: string;
  /** A lane that ended in an unknown commit, and its last sure number; told by this lane's first row. */
  readonly follows?: LaneMark;
  /** The last number of an acknowledged commit. */
  sure: number;
}

/** The next number of a lane, within one transaction. */
export interface LaneCursor {
  readonly lane: Lane;
  next(): { readonly counter: number; readonly follows?: LaneMark };
  /** How many numbers were taken. */
  taken(): number;
  /** Call when the commit was acknowledged, and only then: a rollback gives its numbers back by not calling. */
  acknowledge(): void;
}

export interface Lanes {
  /** A lane for a new connection. */
  take(): Lane;
  /** The connection is gone and nothing is in doubt: another may go on in its lane. */
  giveBack(lane: Lane): void;
  /** A commit is in doubt: the lane ends here, and the next new lane says so. */
  end(lane: Lane): void;
}

/** The lanes of one running program. Lane ids are random: a restarted program never goes on in an old lane. */
export function makeLanes(instance: string): Lanes {
  const free: Lane[] = [];
  const ended: LaneMark[] = [];
  return {
    take: () => {
      const follows = ended.shift();
      const known = follows === undefined ? free.pop() : undefined;
      if (known !== undefined) return known;
      const id = `${instance}/${randomBytes(6).toString('hex')}`;
      return { id, instance, sure: 0, ...(follows === undefined ? {} : { follows }) };
    },
    giveBack: (lane) => {
      free.push(lane);
    },
    end: (lane) => {
      ended.push({ lane: lane.id, counter: lane.sure });
    },
  };
}

/** Starts at the lane's last sure number. */
export function cursorOf(lane: Lane): LaneCursor {
  let taken = 0;
  return {
    lane,
    taken: () => taken,
    next: () => {
      taken += 1;
      const counter = lane.sure + taken;
      return { counter, ...(counter === 1 && lane.follows !== undefined ? { follows: lane.follows } : {}) };
    },
    acknowledge: () => {
      lane.sure += taken;
      taken = 0;
    },
  };
}
