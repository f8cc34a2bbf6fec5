/** A test's view of the workspace: people who type, choose, click and read, in process or over HTTP alike. */
import type { Snapshot } from './control.ts';
import { type PersonDriver, personDriver } from './driver-person.ts';
import { httpRemote, type Remote } from './driver-remote.ts';
import { type SeenMessage, seenMessage } from './driver-seen.ts';
import type { Forged, ForgedOutcome } from './face.ts';
import type { AppInstall, Channel, Fault, Outcome, SocketAction, SocketInfo, User, Violation } from './model.ts';

const UNTIL_MS = 20_000;

export interface ChannelDriver {
  /** Oldest first, replies included. */
  messages(): Promise<SeenMessage[]>;
}

export interface WorkspaceDriver {
  as(user: string): PersonDriver;
  channel(id: string): ChannelDriver;
  snapshot(): Promise<Snapshot>;
  violations(): Promise<readonly Violation[]>;
  /** Waits until the predicate holds (anything but undefined, null or false), asking again after each change. */
  until<T>(predicate: () => Promise<T> | T, ms?: number): Promise<NonNullable<Exclude<T, false>>>;
  /** `team`: whose installation hears it; the seed's unless said. */
  event(event: Record<string, unknown>, eventId?: string, team?: string): Promise<Outcome>;
  /** An administrator takes the app out of this team. */
  uninstall(team: string): Promise<void>;
  deliver(forged: Forged): Promise<ForgedOutcome>;
  fault(fault: Fault): Promise<void>;
  clearFaults(): Promise<void>;
  age(what: 'triggers' | 'response_urls', ms: number): Promise<void>;
  user(change: Partial<User> & { id: string }): Promise<void>;
  channelChange(change: Partial<Channel> & { id: string }): Promise<void>;
  app(
    change: Partial<
      Pick<AppInstall, 'request_url' | 'mode' | 'token' | 'scopes' | 'events' | 'strict_rate' | 'org_wide'>
    >,
  ): Promise<void>;
  socket(action: SocketAction | 'list', connection?: string): Promise<SocketInfo[]>;
  reset(): Promise<void>;
}

/** A driver for the workspace at this URL, e.g. that of `npm start`. */
export function connectDriver(url: string): WorkspaceDriver {
  return createDriver(httpRemote(url));
}

/** A driver over either way to the workspace. */
export function createDriver(remote: Remote): WorkspaceDriver {
  const quietly = async (done: Promise<unknown>): Promise<void> => {
    await done;
  };
  return {
    as: (user) => personDriver(remote, user),
    channel: (id) => ({
      async messages() {
        const snapshot = await remote.read();
        return (snapshot.state.messages[id] ?? []).map((message) => seenMessage(snapshot, message));
      },
    }),
    snapshot: remote.read,
    violations: async () => (await remote.read()).state.violations,
    until: (predicate, ms = UNTIL_MS) => until(remote, predicate, ms),
    event: async (event, event_id, team) => (await remote.call('event', { event, event_id, team })) as Outcome,
    uninstall: (team) => quietly(remote.call('uninstall', { team })),
    deliver: async (forged) => (await remote.call('deliver', forged)) as ForgedOutcome,
    fault: (fault) => quietly(remote.call('fault', fault)),
    clearFaults: () => quietly(remote.call('fault', { method: '*', kind: 'clear' })),
    age: (what, ms) => quietly(remote.call('age', { what, ms })),
    user: (change) => quietly(remote.call('user', change)),
    channelChange: (change) => quietly(remote.call('channel', change as { id: string })),
    app: (change) => quietly(remote.call('app', change)),
    socket: async (action, connection) =>
      ((await remote.call('socket', { action, connection })) as { sockets: SocketInfo[] }).sockets,
    reset: () => quietly(remote.call('reset', {})),
  };
}

/** Asks now, then after every change, until the predicate answers or the time is over. */
async function until<T>(
  remote: Remote,
  predicate: () => Promise<T> | T,
  ms: number,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + ms;
  for (;;) {
    const { seq } = (await remote.read()).state;
    const found = await predicate();
    if (found !== undefined && found !== null && found !== false) return found as NonNullable<Exclude<T, false>>;
    const left = deadline - Date.now();
    if (left <= 0) throw new Error(`not so within ${ms} ms: ${predicate.toString().slice(0, 300)}`);
    // Something outside the workspace may be what is waited for, so ask again now and then without a change.
    await remote.changed(seq, Math.min(left, 250));
  }
}
