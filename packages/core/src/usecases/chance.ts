/** Chance and hashing from primitives handed in: the core has no randomness of its own. */
import { spellUserCode } from '../domain/device.ts';
import {
  type DecisionId,
  type Digest,
  type GrantId,
  type HandleId,
  type LinkId,
  parseDecisionId,
  parseDigest,
  parseGrantId,
  parseHandleId,
  parseLinkId,
  parseRequestId,
  parseTokenId,
  type RequestId,
  spellId,
  type TokenId,
} from '../domain/ids.ts';
import type { Chance, Hashing } from '../ports/chance.ts';

const ID_BYTES = 16;
const HANDLE_BYTES = 32;
const LINK_CODE_BYTES = 16;
const USER_CODE_BYTES = 8;

export interface Randomness {
  /** So many bytes from a cryptographically secure source. */
  readonly bytes: (count: number) => Uint8Array;
  /** So many random bytes as base64url. */
  readonly token: (count: number) => string;
}

/** Ids and link codes of 128 random bits, handles of 256. */
export function makeChance({ bytes, token }: Randomness): Chance {
  const id = (): string => spellId(bytes(ID_BYTES));
  return {
    requestId: () => sound<RequestId>(parseRequestId(`req_${id()}`)),
    decisionId: () => sound<DecisionId>(parseDecisionId(`dec_${id()}`)),
    grantId: () => sound<GrantId>(parseGrantId(`grt_${id()}`)),
    tokenId: () => sound<TokenId>(parseTokenId(`tok_${id()}`)),
    linkId: () => sound<LinkId>(parseLinkId(`lnk_${id()}`)),
    handle: () => token(HANDLE_BYTES),
    linkCode: () => token(LINK_CODE_BYTES),
    userCode: () => spellUserCode(bytes(USER_CODE_BYTES)),
  };
}

/** Hashing from a hex SHA-256 of a UTF-8 text. */
export function makeHashing(sha256Hex: (text: string) => string): Hashing {
  return {
    digestOf: (text) => sound<Digest>(parseDigest(sha256Hex(text))),
    handleIdOf: (handle) => sound<HandleId>(parseHandleId(sha256Hex(handle))),
  };
}

function sound<T>(parsed: T | undefined): T {
  if (parsed === undefined) throw new Error('a primitive gave something that is not an id');
  return parsed;
}
