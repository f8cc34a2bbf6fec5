/** Owns the folding of a trail: cases and tokens rebuilt from nothing but what was written down (I-14). */
import { type AccessCase, applyEvent, type RequestId, type TokenFacts, type TokenId } from '@sallyport/core';
import type { Leaf } from './leaf.ts';

export interface Folded {
  /** Cases with their free text hashed; compare with `hashedCase`. */
  readonly cases: ReadonlyMap<RequestId, AccessCase>;
  readonly tokens: ReadonlyMap<TokenId, { readonly token: TokenFacts; readonly revoked: boolean }>;
}

/** Folds verified leaves, oldest first. Throws on an event that cannot follow. Holds what it rebuilds in memory. */
export async function foldTrail(leaves: AsyncIterable<Leaf> | Iterable<Leaf>): Promise<Folded> {
  const cases = new Map<RequestId, AccessCase>();
  const tokens = new Map<TokenId, { token: TokenFacts; revoked: boolean }>();
  for await (const leaf of leaves) {
    if (leaf.token !== undefined) tokens.set(leaf.token.jti, { token: leaf.token, revoked: false });
    if (leaf.event === undefined || leaf.request_id === undefined) continue;
    const id = leaf.request_id as RequestId;
    cases.set(id, { ...applyEvent(cases.get(id), leaf.event), version: leaf.version ?? 0 });
    if (leaf.event.type === 'token.revoked') {
      const known = tokens.get(leaf.event.jti);
      if (known !== undefined) tokens.set(leaf.event.jti, { ...known, revoked: true });
    }
  }
  return { cases, tokens };
}
