/** Owns what is seen of a wait while it lasts: the line of progress, and who has approved by now. */
import { makeBrokerClient } from '../broker-client.ts';
import type { Shell } from '../define.ts';
import { type BrokerAddress, isCi } from '../settings.ts';
import type { Trouble } from '../trouble.ts';
import type { Chosen } from '../ways/choose-way.ts';
import { makeApprovals } from './approvals.ts';
import { type Progress, START } from './progress.ts';
import { type Standing, standing, timeOf } from './words.ts';

const TICK_MS = 1_000;

export interface Sight {
  /** Shows where it stands, before a pause. */
  update(progress: Progress, trouble: Trouble | undefined): Promise<void>;
  close(): void;
}

/** Opens it: on a terminal the line is rewritten each second, and an approval shows at once. */
export function openSight({ way, bearer, waitMs }: Chosen, broker: BrokerAddress, shell: Shell): Sight {
  const beganMs = shell.now();
  const closing = new AbortController();
  let now: Standing | undefined;
  const show = (): void => {
    if (now !== undefined) shell.out.progress(standing(now), timeOf(shell.now() - beganMs, waitMs));
  };
  const put = (more: Partial<Standing>): void => {
    now = { progress: START, opening: way.opening, ...now, ...more };
  };
  const approvals = makeApprovals({
    broker: makeBrokerClient(
      { ...broker, token: () => known(bearer()) },
      { sleep: shell.sleep, signal: closing.signal },
    ),
    watched: shell.stderr.isTTY === true && !isCi(shell.env),
    clock: shell,
    signal: closing.signal,
    onChange: (count) => {
      put({ approvals: count });
      show();
    },
  });
  const stop = shell.every(TICK_MS, show);
  return {
    update: async (progress, trouble) => {
      put({ progress, trouble });
      if (bearer() !== undefined && trouble === undefined) await approvals(progress.requestId);
      show();
    },
    close: () => {
      stop();
      closing.abort();
    },
  };
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('nobody may be asked without a token');
  return value;
}
