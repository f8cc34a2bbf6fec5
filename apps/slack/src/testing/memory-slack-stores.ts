/** Owns the delivery stores in memory, for tests: the same promises as the real ones, over a clock that can be moved. */
import {
  type AccessCase,
  after,
  type Clock,
  duration,
  type Instant,
  type Ledger,
  minutes,
  nameOf,
  type Principal,
  type Questions,
  type RequestId,
  samePrincipal,
  seconds,
} from '@sallyport/core';
import type {
  Claim,
  DeliveryStores,
  SlackDigests,
  SlackMessages,
  SlackNudges,
  SlackOutbox,
  SlackWakes,
  StoredMessage,
  Wake,
} from '../outbound/stores.ts';

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
export const SLOT_MS = 20;

/** `casesOf`: all cases as they are now, oldest first. */
export function memorySlackStores(clock: Clock, casesOf: () => readonly AccessCase[]): MemorySlackStores {
  const versionOf = (id: RequestId): number | undefined => casesOf().find((c) => c.request.id === id)?.version;
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
    async refused(claim, channel) {
      const row = held(claim);
      if (row !== undefined) letGo(row, { ...row.message, refusedBy: channel });
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
    lagging: async (past, limitMax) => {
      const order = casesOf().map((c) => c.request.id);
      return [...rows.values()]
        .filter(({ message, claimedUntil }) => {
          const version = versionOf(message.requestId) ?? 0;
          const free = claimedUntil === undefined || claimedUntil <= clock.now();
          return free && message.shownVersion < version && mustShow(message, [...rows.values()]);
        })
        .map((row) => row.message)
        .toSorted((a, b) => order.indexOf(a.requestId) - order.indexOf(b.requestId))
        .filter((one) => past === undefined || order.indexOf(one.requestId) > order.indexOf(past))
        .slice(0, limitMax);
    },
  };
  const due = new Map<RequestId, Wake>();
  const nudged = new Map<RequestId, { readonly count: number; readonly at: Instant }>();
  const wakes: SlackWakes = {
    async set(id, next, seenAt) {
      if ((nudged.get(id)?.at ?? 0) > seenAt) return;
      if (next === undefined) due.delete(id);
      else due.set(id, next);
    },
    due: async (limitMax) =>
      [...due]
        .filter(([, wake]) => wake.at <= clock.now())
        .map(([requestId, { redraw }]) => ({ requestId, redraw }))
        .slice(0, limitMax),
  };
  const nudges: SlackNudges = {
    async nudge(id) {
      const before = nudged.get(id);
      const againAt = before === undefined ? clock.now() : after(before.at, minutes(15));
      if (clock.now() < againAt) return { nudged: false, againAt };
      nudged.set(id, { count: (before?.count ?? 0) + 1, at: clock.now() });
      due.set(id, { at: clock.now(), redraw: false });
      return { nudged: true };
    },
    ofRequest: async (id) => nudged.get(id),
  };
  const outbox: SlackOutbox = {
    done: async (id) => {
      done.add(id);
    },
    state: async () => ({ oldestMs: 0 }),
  };
  const open = new Map<string, RequestId>();
  const digestOf = (requester: Principal, anchor: RequestId) => {
    const all = casesOf().filter((c) => samePrincipal(c.request.requester, requester));
    return { anchor, version: all.reduce((sum, c) => sum + c.version, 0) };
  };
  const digestKey = (requester: Principal, channel: string): string => `${nameOf(requester)} ${channel}`;
  const digests: SlackDigests = {
    async find(requester, channel) {
      const anchor = open.get(digestKey(requester, channel));
      return anchor === undefined ? undefined : digestOf(requester, anchor);
    },
    async open(requester, channel, anchor) {
      const key = digestKey(requester, channel);
      if (!open.has(key)) open.set(key, anchor);
      return digestOf(requester, open.get(key) ?? anchor);
    },
    close: async (requester, channel) => void open.delete(digestKey(requester, channel)),
  };
  return { messages, outbox, wakes, nudges, digests, rows, done };
}

/** A card not posted yet, unless it went elsewhere; and what is there and follows the case. */
function mustShow({ key, requestId, ts, refusedBy, attemptedAt }: StoredMessage, all: readonly Row[]): boolean {
  if (!/^(card|fallback|approver|first):/.test(key)) return false;
  if (ts !== undefined || attemptedAt !== undefined) return true;
  if (!key.startsWith('card:')) return false;
  const elsewhere = all.some(
    ({ message: one }) => one.requestId === requestId && one.ts !== undefined && /^(approver|fallback):/.test(one.key),
  );
  return refusedBy === undefined || !elsewhere;
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
