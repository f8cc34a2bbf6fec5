/** Status lists as they are published (draft-ietf-oauth-status-list, sections 4 and 5): bits, compressed, in a signed JWT. */
import { constants, deflateSync } from 'node:zlib';
import { after, type Instant, numericDate, STATUS_LIST_LENGTH, seconds } from '@sallyport/core';
import { statusListUri } from './claims.ts';
import type { KeysInForce } from './live-keys.ts';
import { signJwt } from './sign-jwt.ts';

/** How long who fetched a list may go by it. */
export const STATUS_LIST_TTL = seconds(30);
/** After that it is nothing, also for who does not look at `ttl`. */
const LIFE = seconds(60);
const TYPE = 'statuslist+jwt';
/** One bit for each token: valid or not. */
const BITS = 1;

export interface StatusListDocument {
  readonly list: number;
  /** Indexes of the tokens that are over. */
  readonly ended: Iterable<number>;
  /** When the record was read. */
  readonly at: Instant;
}

export interface StatusListSignerDeps {
  /** SALLYPORT_ISSUER, to the letter. */
  readonly issuer: string;
  readonly keys: KeysInForce;
}

export type SignStatusList = (document: StatusListDocument) => Promise<string>;

/** Signs status lists with the key of access tokens. */
export function makeStatusListSigner({ issuer, keys }: StatusListSignerDeps): SignStatusList {
  return ({ list, ended, at }) =>
    signJwt(keys.current().signing.ES256, TYPE, {
      sub: statusListUri(list, issuer),
      iat: numericDate(at),
      exp: numericDate(after(at, LIFE)),
      ttl: STATUS_LIST_TTL / 1_000,
      status_list: { bits: BITS, lst: encodeStatusList(ended) },
    });
}

/**
 * The bits of a list, ZLIB and base64url: within a byte the lowest index is the least significant bit.
 * Throws on an index no list has: a bug.
 */
export function encodeStatusList(ended: Iterable<number>, length: number = STATUS_LIST_LENGTH): string {
  const bytes = Buffer.alloc(Math.ceil(length / 8));
  for (const index of ended) {
    if (!Number.isSafeInteger(index) || index < 0 || index >= length) throw new Error('no such bit in a list');
    const at = index >> 3;
    bytes.writeUInt8(bytes.readUInt8(at) | (1 << (index & 7)), at);
  }
  return deflateSync(bytes, { level: constants.Z_BEST_COMPRESSION }).toString('base64url');
}
