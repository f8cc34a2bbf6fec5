/** Owns the record of tokens in memory: the conditional insert of the real one, in one piece. */
import {
  type Grant,
  type IssuanceRecord,
  type Issuances,
  isLive,
  type Moment,
  nameOf,
  parseHandleId,
  type Recorded,
} from '@sallyport/core';
import type { MemoryStore } from './memory-store.ts';

/** What a handle's own use key looks like; see the contract of `record`. */
const HANDLE_KEY = 'handle:';

/** Issuances over these rows. */
export function memoryIssuances(store: MemoryStore): Issuances {
  return {
    record: async (issuance) => {
      await store.turn('issuances.record');
      return recordNow(store, issuance);
    },
    find: async (jti) => {
      await store.turn('issuances.find');
      const token = store.tokens.get(jti);
      const stored = token === undefined ? undefined : store.cases.get(token.requestId);
      if (token === undefined || stored === undefined) return undefined;
      return { value: { token, revoked: store.revokedTokens.has(jti), case: stored.case }, at: store.moment() };
    },
  };
}

function recordNow(store: MemoryStore, issuance: IssuanceRecord): Recorded {
  const { token, from, uses, usesMax, fingerprint, by } = issuance;
  const at = store.moment();
  const grant = store.cases.get(from.value.request.id)?.case.grant;
  if (at.policy.version !== from.at.policy.version || !stillTheSame(grant, issuance, at)) {
    return { kind: 'no_longer_live' };
  }
  if (uses.some((key) => isRevokedHandle(store, key))) return { kind: 'no_longer_live' };
  const key = uses.find((one) => store.uses.has(one));
  const earlier = key === undefined ? undefined : store.uses.get(key);
  if (key !== undefined && earlier !== undefined) return { kind: 'used', key, earlier };
  const given = [...store.tokens.values()].filter((one) => one.grantId === token.grantId).length;
  if (usesMax !== undefined && given >= usesMax) return { kind: 'spent' };
  if (store.tokens.has(token.jti)) throw new Error('a token id twice');
  store.tokens.set(token.jti, token);
  for (const one of uses) store.uses.set(one, { token, fingerprint, at: at.now });
  store.audit.push({
    at: at.now,
    type: 'token.issued',
    by,
    requestId: token.requestId,
    grantId: token.grantId,
    jti: token.jti,
    actor: nameOf(token.subject),
  });
  return { kind: 'recorded' };
}

/** The very row that was read, live now, and not ending before the token. */
function stillTheSame(grant: Grant | undefined, { token, from }: IssuanceRecord, { now }: Moment): boolean {
  return (
    grant !== undefined &&
    JSON.stringify(grant) === JSON.stringify(from.value.grant) &&
    isLive(grant, now) &&
    token.expiresAt <= grant.expiresAt
  );
}

function isRevokedHandle(store: MemoryStore, key: string): boolean {
  const id = key.startsWith(HANDLE_KEY) ? parseHandleId(key.slice(HANDLE_KEY.length)) : undefined;
  return id !== undefined && (store.handles.get(id)?.revoked ?? false);
}
