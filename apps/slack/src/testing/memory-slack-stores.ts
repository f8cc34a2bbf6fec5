/** Owns the delivery stores in memory, for tests: the same promises as the real ones, over a clock that can be moved. */
import {
  after,
  type Clock,
  duration,
  type Instant,
  type Ledger,
  type Questions,
  type RequestId,
  seconds,
} from '@sallyport/core';
import type { Claim, DeliveryStores, SlackMessages, SlackOutbox, StoredMessage } from '../outbound/stores.ts';

interface Row {
  message: StoredMessage;
  claim: string | undefined;
  claimedUntil: Instant | undefined;
}

export interface MemorySlackStores extends DeliveryStores {
  readonly rows: ReadonlyMap<string, { readonly message: StoredMessage }>;
  /** Outbox rows said to be done. */
  readonly done: ReadonlySet<number>;
}

/** A second in the real house. */
const SLOT_MS = 20;

/** `versionOf`: the case's version now, for what lags. */
export function memorySlackStores(clock: Clock, versionOf: (id: RequestId) => number | undefined): MemorySlackStores {
  const rows = new Map<string, Row>();
  const notBefore = new Map<string, Instant>();
  const done = new Set<number>();
  let claims = 0;

  const held = ({ message, claim }: Claim): Row | undefined => {
    const row = rows.get(message.key);
    return row?.claim === claim ? row : undefined;
  };
  const letGo = (row: Row, message: StoredMessage): void => {
    Object.assign(row, { message, claim: undefined, claimedUntil: undefined });
  };

  const messages: SlackMessages = {
    ofRequest: async (id) => [...rows.values()].map((row) => row.message).filter((one) => one.requestId === id),
    at: async (channel, ts) =>
      [...rows.values()].map((row) => row.message).find((one) => one.channel === channel && one.ts === ts),
    async claim(key, requestId) {
      const row = rows.get(key) ?? {
        message: { key, requestId, shownVersion: 0 },
        claim: undefined,
        claimedUntil: undefined,
      };
      if (row.claimedUntil !== undefined && row.claimedUntil > clock.now()) return undefined;
      claims += 1;
      rows.set(key, Object.assign(row, { claim: `claim-${claims}`, claimedUntil: after(clock.now(), seconds(30)) }));
      return { message: row.message, claim: `claim-${claims}` };
    },
    async attempting(claim, channel) {
      const row = held(claim);
      if (row === undefined) return false;
      const { ts: _, ...rest } = row.message;
      row.message = { ...rest, channel, attemptedAt: clock.now() };
      return true;
    },
    async shown(claim, { channel, ts, version }) {
      const row = held(claim);
      if (row === undefined) return false;
      const { attemptedAt: _, ...rest } = row.message;
      letGo(row, { ...rest, channel, ts, shownVersion: Math.max(rest.shownVersion, version) });
      return true;
    },
    async forget(claim) {
      const row = held(claim);
      if (row === undefined) return;
      const { ts: _ts, attemptedAt: _at, ...rest } = row.message;
      letGo(row, { ...rest, shownVersion: 0 });
    },
    async release(claim) {
      const row = held(claim);
      if (row !== undefined) letGo(row, row.message);
    },
    async slot(channel) {
      const free = notBefore.get(channel);
      if (free !== undefined && free > clock.now()) return free - clock.now();
      notBefore.set(channel, after(clock.now(), duration(SLOT_MS)));
      return 0;
    },
    async hold(channel, forMs) {
      const until = after(clock.now(), seconds(forMs / 1_000));
      if ((notBefore.get(channel) ?? 0) < until) notBefore.set(channel, until);
    },
    lagging: async (prefix, limitMax) =>
      [...rows.values()]
        .filter(({ message, claimedUntil }) => {
          const version = versionOf(message.requestId) ?? 0;
          const free = claimedUntil === undefined || claimedUntil <= clock.now();
          return message.key.startsWith(prefix) && message.shownVersion < version && free;
        })
        .map((row) => row.message)
        .slice(0, limitMax),
  };
  const outbox: SlackOutbox = {
    done: async (id) => {
      done.add(id);
    },
    state: async () => ({ oldestMs: 0 }),
  };
  return { messages, outbox, rows, done };
}

/** The ledger, with word after every write: what the relay and the queue do in the real house. */
export function announcing(ledger: Ledger, onWrite: () => void): Ledger {
  const told = async <T>(work: Promise<T>): Promise<T> => {
    const result = await work;
    onWrite();
    return result;
  };
  return {
    ...ledger,
    open: (...given) => told(ledger.open(...given)),
    transact: (...given) => told(ledger.transact(...given)),
    sweep: (...given) => told(ledger.sweep(...given)),
  };
}

/** Questions, with word after every write. */
export function announcingQuestions(questions: Questions, onWrite: () => void): Questions {
  return {
    ...questions,
    write: async (...given) => {
      const result = await questions.write(...given);
      onWrite();
      return result;
    },
  };
}
