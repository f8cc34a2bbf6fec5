/** Owns the feed of revocations, in memory: the rows of the trail that end tokens, in the order they were written. */
import {
  after,
  type FeedPosition,
  lastTokenEnd,
  type Revocation,
  type Revocations,
  VERIFIERS_LEEWAY_MAX,
} from '@sallyport/core';
import type { AuditRow, MemoryStore } from './memory-store.ts';

/** What is in the feed, whether or not it still matters. */
export function memoryRevocationRows(store: MemoryStore): readonly Revocation[] {
  return store.audit.flatMap((row, index) => revocationOf(store, row, index) ?? []);
}

/** The feed over these rows. */
export function memoryRevocations(store: MemoryStore): Revocations {
  return {
    tip: async () => {
      await store.turn('revocations.tip');
      return spell(store.audit.length);
    },
    read: async ({ after: from, upTo, resources, limitMax }) => {
      await store.turn('revocations.read');
      const [begin, end] = [read(from) ?? 0, read(upTo) ?? store.audit.length];
      const { now } = store.moment();
      const due = store.audit.slice(0, end).flatMap((row, index) => {
        const revocation = index < begin ? undefined : revocationOf(store, row, index);
        if (revocation === undefined || now >= after(revocation.endsAt, VERIFIERS_LEEWAY_MAX)) return [];
        const isWanted = resources === undefined || resources.includes(revocation.resource);
        return isWanted ? [{ revocation, position: spell(index + 1) }] : [];
      });
      const items = due.slice(0, limitMax);
      const more = due.length > items.length;
      return { items, next: more ? (items.at(-1)?.position ?? spell(begin)) : spell(end), more };
    },
  };
}

function revocationOf(store: MemoryStore, row: AuditRow, index: number): Revocation | undefined {
  const stored = row.requestId === undefined ? undefined : store.cases.get(row.requestId);
  const grant = stored?.case.grant;
  if (grant === undefined) return undefined;
  const id = `memory-${index}`;
  const { resource, audience } = grant.access;
  if (row.type === 'grant.revoked') {
    const endsAt = lastTokenEnd(grant.expiresAt, row.at);
    return { id, what: { kind: 'grant', grantId: grant.id }, resource, audience, endsAt };
  }
  const token = row.jti === undefined ? undefined : store.tokens.get(row.jti);
  if (token === undefined || (row.type !== 'token.revoked' && row.type !== 'token.barred')) return undefined;
  return { id, what: { kind: 'token', jti: token.jti }, resource, audience, endsAt: token.expiresAt };
}

function spell(index: number): FeedPosition {
  return `memory-${index}`;
}

function read(position: FeedPosition | undefined): number | undefined {
  const index = /^memory-(\d{1,9})$/.exec(position ?? '')?.[1];
  return index === undefined ? undefined : Number(index);
}
