/** Owns the look at every live token, in memory, and the rows that say the policy bars one. */
import type { LiveToken, LiveTokens } from '@sallyport/core';
import type { MemoryStore } from './memory-store.ts';

/** The live tokens of these rows. */
export function memoryLiveTokens(store: MemoryStore): LiveTokens {
  return {
    page: async ({ limit, cursor }) => {
      await store.turn('liveTokens.page');
      const begin = Number(cursor ?? 0);
      const live = liveOf(store);
      const more = live.length > begin + limit ? { nextCursor: String(begin + limit) } : {};
      return { value: { items: live.slice(begin, begin + limit), ...more }, at: store.moment() };
    },
    bar: async ({ value, at }, by) => {
      await store.turn('liveTokens.bar');
      const known = new Set(store.audit.flatMap((row) => (row.type === 'token.barred' ? [row.jti] : [])));
      const fresh = value.filter(({ token }) => !known.has(token.jti));
      for (const { token } of fresh) {
        const { requestId, grantId, jti } = token;
        store.audit.push({ at: at.now, type: 'token.barred', by, requestId, grantId, jti });
      }
      if (fresh.length > 0) store.tell();
      return fresh.length;
    },
  };
}

function liveOf(store: MemoryStore): readonly LiveToken[] {
  const { now } = store.moment();
  return [...store.tokens.values()].flatMap((token) => {
    const stored = store.cases.get(token.requestId);
    const isLive = now < token.expiresAt && !store.revokedTokens.has(token.jti) && token.federation === undefined;
    return isLive && stored?.case.grant?.status.state === 'active' ? [{ token, case: stored.case }] : [];
  });
}
