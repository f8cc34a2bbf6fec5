/** Owns the ledger in memory: the guarantees of the real one, each operation in one piece. */
import {
  type AccessCase,
  after,
  type Crowd,
  type DecideCase,
  err,
  expireDue,
  hours,
  type Instant,
  type Ledger,
  type Listed,
  nameOf,
  type OnceKey,
  ok,
  type Page,
  type Principal,
  RECENT,
  type Refusal,
  type RequestId,
  type Result,
  samePrincipal,
  type Written,
} from '@sallyport/core';
import { accountRefusal } from './memory-slack-links.ts';
import { type AuditRow, type MemoryStore, writeRefusal, writeStep } from './memory-store.ts';

const ONCE_KEPT = hours(24);

/** A ledger over these rows. */
export function memoryLedger(store: MemoryStore): Ledger {
  return {
    open: async (key, decide, by, once) => {
      await store.turn('ledger.open');
      const result = openNow(store, key, decide, by, once);
      if (!result.ok) writeRefusal(store, result.error, by);
      return result;
    },
    transact: async (id, decide, by, once) => {
      await store.turn('ledger.transact');
      const result = transactNow(store, id, decide, by, once);
      if (!result.ok) writeRefusal(store, result.error, by, { requestId: id });
      return result;
    },
    sweep: async (limitMax) => {
      await store.turn('ledger.sweep');
      return sweepNow(store, limitMax);
    },
    note: async ({ refusal, by, requestId, grantId }) => {
      await store.turn('ledger.note');
      const about = {
        ...(requestId === undefined ? {} : { requestId }),
        ...(grantId === undefined ? {} : { grantId }),
      };
      writeRefusal(store, refusal, by, about);
    },
    ...reads(store),
  };
}

function openNow(
  store: MemoryStore,
  { subject, resource, requester = subject }: Parameters<Ledger['open']>[0],
  decide: Parameters<Ledger['open']>[1],
  by: Parameters<Ledger['open']>[2],
  once: OnceKey | undefined,
): Result<Written, Refusal> {
  const at = store.moment();
  const known = knownOnce(store, once, at.now);
  if (known !== undefined) {
    if (known.bodyHash !== once?.bodyHash) return err({ code: 'key_reused' });
    const made = store.cases.get(known.requestId);
    if (made === undefined) throw new Error('a submission key of a request that is not there');
    return ok({ case: made.case, at, changed: false });
  }
  const seen = casesOf(store).filter(
    (c) => samePrincipal(c.request.subject, subject) && c.request.access.resource === resource && isOpen(c),
  );
  const refused = accountRefusal(store, by, at);
  if (refused !== undefined) return err(refused);
  const opening = decide(seen, at, crowdOf(store, requester, at.now));
  if (!opening.ok) return opening;
  const { value } = opening;
  const c = value.kind === 'join' ? value.to : writeStep(store, undefined, value.step, by);
  keepOnce(store, once, c.request.id, at.now);
  return ok({ case: c, at, changed: value.kind === 'new' });
}

function crowdOf(store: MemoryStore, requester: Principal, now: Instant): Crowd {
  const asked = casesOf(store)
    .map((c) => c.request)
    .filter((request) => samePrincipal(request.requester, requester) && request.effect === 'require_approval');
  const pending = asked.filter((request) => request.status.state === 'pending' && now < request.expiresAt);
  return {
    pending: pending.length,
    recent: asked.filter((request) => now < after(request.openedAt, RECENT)).length,
  };
}

function transactNow(
  store: MemoryStore,
  id: RequestId,
  decide: DecideCase,
  by: Parameters<Ledger['transact']>[2],
  once: OnceKey | undefined,
): Result<Written, Refusal> {
  const at = store.moment();
  const stored = store.cases.get(id);
  if (stored === undefined) return err({ code: 'request_unknown' });
  if (knownOnce(store, once, at.now) !== undefined) return err({ code: 'replayed' });
  const refused = accountRefusal(store, by, at);
  if (refused !== undefined) return err(refused);
  const decided = decide(stored.case, at);
  if (!decided.ok) return decided;
  keepOnce(store, once, id, at.now);
  if (decided.value === 'unchanged') return ok({ case: stored.case, at, changed: false });
  return ok({ case: writeStep(store, stored.case, decided.value, by), at, changed: true });
}

function sweepNow(store: MemoryStore, limitMax: number): { closed: number; latenessMs: number } {
  const { now } = store.moment();
  const due = casesOf(store)
    .flatMap((c) => {
      const step = expireDue(c, now);
      return step === 'unchanged' ? [] : [{ c, step, lateMs: now - dueAt(c) }];
    })
    .sort((a, b) => b.lateMs - a.lateMs)
    .slice(0, limitMax);
  for (const { c, step } of due) writeStep(store, c, step, { door: 'worker', traceId: 'sweep' });
  return { closed: due.length, latenessMs: due[0]?.lateMs ?? 0 };
}

function dueAt({ request, grant }: AccessCase): Instant {
  return request.status.state === 'pending' || grant === undefined ? request.expiresAt : grant.expiresAt;
}

function reads(
  store: MemoryStore,
): Pick<
  Ledger,
  | 'find'
  | 'versions'
  | 'findByGrant'
  | 'covering'
  | 'mine'
  | 'granted'
  | 'decidedBy'
  | 'pending'
  | 'trail'
  | 'uses'
  | 'crowdOf'
> {
  const seen = (id: RequestId | undefined) => {
    const stored = id === undefined ? undefined : store.cases.get(id);
    return stored === undefined ? undefined : { value: stored.case, at: store.moment() };
  };
  return {
    find: async (id) => {
      await store.turn('ledger.find');
      return seen(id);
    },
    versions: async (ids) => {
      await store.turn('ledger.versions');
      return new Map(
        ids.flatMap((id) => {
          const version = store.cases.get(id)?.case.version;
          return version === undefined ? [] : [[id, version] as const];
        }),
      );
    },
    findByGrant: async (id) => {
      await store.turn('ledger.findByGrant');
      return seen(store.byGrant.get(id));
    },
    covering: async ({ subject, resource, requestId, useKeys }) => {
      await store.turn('ledger.covering');
      const cases = casesOf(store).filter(
        ({ request, grant }) =>
          samePrincipal(request.subject, subject) &&
          request.access.resource === resource &&
          (isOpen({ request, grant }) || request.id === requestId),
      );
      const key = useKeys.find((one) => store.uses.has(one));
      const earlier = key === undefined ? undefined : store.uses.get(key);
      const used = key === undefined || earlier === undefined ? {} : { earlier: { ...earlier, key } };
      return { value: { cases, ...used }, at: store.moment() };
    },
    mine: async (principals, page) => {
      await store.turn('ledger.mine');
      return { value: listed(store, page, (c) => isTheirs(c, principals)), at: store.moment() };
    },
    granted: async (principals, page) => {
      await store.turn('ledger.granted');
      const theirs = (c: AccessCase): boolean => c.grant !== undefined && isTheirs(c, principals);
      return { value: listed(store, page, theirs), at: store.moment() };
    },
    decidedBy: async (id, page) => {
      await store.turn('ledger.decidedBy');
      const decided = (c: AccessCase): boolean => c.decisions.some((one) => one.person === id);
      return { value: listed(store, page, decided), at: store.moment() };
    },
    pending: async (limitMax) => {
      await store.turn('ledger.pending');
      const at = store.moment();
      const pending = casesOf(store).filter(
        ({ request }) => request.status.state === 'pending' && at.now < request.expiresAt,
      );
      return { value: pending.reverse().slice(0, limitMax), at };
    },
    trail: async (id) => {
      await store.turn('ledger.trail');
      return store.audit.filter((row) => row.requestId === id).map(trailRow);
    },
    crowdOf: async (requester) => {
      await store.turn('ledger.crowdOf');
      return crowdOf(store, requester, store.moment().now);
    },
    uses: async (id) => {
      await store.turn('ledger.uses');
      const given = [...store.tokens.values()].filter((token) => token.grantId === id);
      const last = given.toSorted((a, b) => b.issuedAt - a.issuedAt)[0];
      return {
        tokens: given.length,
        ...(last === undefined ? {} : { last: { at: last.issuedAt, clientId: last.clientId } }),
      };
    },
  };
}

function trailRow({ at, type, actor, verdict, reasonCode, digest }: AuditRow) {
  return {
    at,
    type,
    ...(actor === undefined ? {} : { actor }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(reasonCode === undefined ? {} : { reasonCode }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Newest first. The cursor is where the page before ended. */
function listed(store: MemoryStore, page: Page, wanted: (c: AccessCase) => boolean): Listed<AccessCase> {
  const before = page.cursor === undefined ? Number.POSITIVE_INFINITY : Number(page.cursor);
  const found = [...store.cases.values()]
    .filter((stored) => stored.sequence < before && wanted(stored.case))
    .sort((a, b) => b.sequence - a.sequence);
  const items = found.slice(0, page.limit);
  const last = items.at(-1);
  const more = found.length > items.length && last !== undefined ? { nextCursor: String(last.sequence) } : {};
  return { items: items.map((stored) => stored.case), ...more };
}

function casesOf(store: MemoryStore): AccessCase[] {
  return [...store.cases.values()].sort((a, b) => a.sequence - b.sequence).map((stored) => stored.case);
}

function isOpen({ request, grant }: { request: AccessCase['request']; grant?: AccessCase['grant'] | undefined }) {
  return request.status.state === 'pending' || grant?.status.state === 'active';
}

function isTheirs({ request }: AccessCase, principals: readonly Principal[]): boolean {
  const names = new Set(principals.map(nameOf));
  return names.has(nameOf(request.requester)) || names.has(nameOf(request.subject));
}

/** A once-key that is known and in time. */
export function knownOnce(store: MemoryStore, once: OnceKey | undefined, now: Instant) {
  const row = once === undefined ? undefined : store.onceKeys.get(onceText(once));
  return row !== undefined && now < after(row.at, ONCE_KEPT) ? row : undefined;
}

/** Keeps a once-key. */
export function keepOnce(store: MemoryStore, once: OnceKey | undefined, requestId: RequestId, at: Instant): void {
  if (once !== undefined) store.onceKeys.set(onceText(once), { bodyHash: once.bodyHash, requestId, at });
}

function onceText({ scope, key }: OnceKey): string {
  return JSON.stringify([scope, key]);
}
