/** Owns the facts around a request in memory, bounded as the real read is. */
import { type AccessCase, type Facts, grantStateAt, HISTORY_MAX, samePrincipal } from '@sallyport/core';
import type { MemoryStore } from './memory-store.ts';

/** The facts over these rows. */
export function memoryFacts(store: MemoryStore): Facts {
  return {
    history: async (id) => {
      await store.turn('facts.history');
      const own = store.cases.get(id);
      if (own === undefined) return undefined;
      const { subject, requester, access } = own.case.request;
      const { now } = store.moment();
      const before = [...store.cases.values()]
        .filter((one) => one.sequence < own.sequence)
        .toSorted((a, b) => b.sequence - a.sequence)
        .map((one) => one.case);
      const alike = ({ request }: AccessCase): boolean =>
        samePrincipal(request.subject, subject) && request.access.resource === access.resource;
      const live = [...store.cases.values()]
        .map((one) => one.case)
        .filter((c) => c.request.id !== id && alike(c) && c.grant !== undefined)
        .filter(({ grant }) => grant !== undefined && grantStateAt(grant, now) === 'active');
      return {
        earlier: before.filter(alike).slice(0, HISTORY_MAX.earlier),
        live: live.slice(0, HISTORY_MAX.live),
        askedAt: before
          .filter(({ request }) => samePrincipal(request.requester, requester))
          .map(({ request }) => request.openedAt)
          .slice(0, HISTORY_MAX.askedAt),
      };
    },
  };
}
