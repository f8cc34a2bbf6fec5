/** Owns which workspace a message is brought to. One that cannot be spoken to holds up nothing but what is its own. */
import type { Logger } from '@sallyport/platform';
import type { Workspaces } from '../workspaces.ts';
import type { Delivered, DeliverJob } from './delivered.ts';

/** What comes of a message once its workspace is found: a token that is dead is that workspace's affair. */
export type Routed = Exclude<Delivered, { kind: 'dead_token' }>;
export type Route = (job: DeliverJob) => Promise<Routed>;

/** The first pause; the caller lengthens it. */
const PARKED: Routed = { kind: 'later', ms: 1_000, failed: true };
const WARN_EVERY_MS = 600_000;
const WARNED_MAX = 1_000;

/** Builds it. Messages to a team the app is not installed in are dropped, and the operator is warned. */
export function makeRoute(workspaces: Workspaces, logger: Logger): Route {
  const warned = new Map<string, number>();
  const warn = (team: string | undefined): void => {
    const key = team ?? '';
    if (performance.now() < (warned.get(key) ?? Number.NEGATIVE_INFINITY)) return;
    if (warned.size >= WARNED_MAX) warned.clear();
    warned.set(key, performance.now() + WARN_EVERY_MS);
    logger.warn('slack.not_installed', team === undefined ? {} : { team });
  };
  return async (job) => {
    const { team } = job.planned.destination;
    const workspace = workspaces.of(team);
    if (workspace === undefined) {
      warn(team);
      return { kind: 'dropped' };
    }
    if (!workspace.connection.ready()) return PARKED;
    const delivered = await workspace.deliver(job);
    if (delivered.kind !== 'dead_token') return delivered;
    workspace.connection.lost(delivered.code);
    return PARKED;
  };
}
