/** Issuances: the durable record of every token. A token leaves only after `record` said so. */
import type { AccessCase } from '../domain/case.ts';
import type { TokenId } from '../domain/ids.ts';
import type { TokenFacts } from '../domain/issuance.ts';
import type { EarlierUse } from '../domain/lost-answer.ts';
import type { Attribution } from './attribution.ts';
import type { Seen } from './ledger.ts';

export interface IssuanceRecord {
  readonly token: TokenFacts;
  /** The case it was computed from: its grant must still be the very row that was read. */
  readonly from: Seen<AccessCase>;
  /** What gives one token and is used up by this one: `subject:…`, `handle:…`, `grant:…`. Looked at in this order, before `usesMax`. */
  readonly uses: readonly string[];
  /** How many tokens the grant may give in all, if bounded. */
  readonly usesMax?: number;
  /** Hash of client, grant type and every parameter. */
  readonly fingerprint: string;
  readonly by: Attribution;
}

export type Recorded =
  | { readonly kind: 'recorded' }
  /** The grant ended or changed, the policy did, or the handle among `uses` was revoked, since it was read: throw the token away, read again. */
  | { readonly kind: 'no_longer_live' }
  /** The grant has given all the tokens `usesMax` lets it give. */
  | { readonly kind: 'spent' }
  /** Another exchange used `key`, one of `uses`, first. */
  | { readonly kind: 'used'; readonly key: string; readonly earlier: EarlierUse };

export interface IssuedToken {
  readonly token: TokenFacts;
  readonly revoked: boolean;
  readonly case: AccessCase;
}

export interface Issuances {
  /** Token row and audit row in one statement with a fresh look at the grant (and handle, if one is used) under a share lock, or nothing. */
  record(issuance: IssuanceRecord): Promise<Recorded>;
  /** One uncached read on the primary. */
  find(jti: TokenId): Promise<Seen<IssuedToken> | undefined>;
}
