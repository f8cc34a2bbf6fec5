/** Chance and clock: ids, secrets, hashes, and the database's time as this process estimates it. */
import type { UserCode } from '../domain/device.ts';
import type { DecisionId, Digest, GrantId, HandleId, LinkId, RequestId, TokenId } from '../domain/ids.ts';
import type { Instant } from '../domain/instant.ts';

export interface Chance {
  requestId(): RequestId;
  decisionId(): DecisionId;
  grantId(): GrantId;
  tokenId(): TokenId;
  linkId(): LinkId;
  /** For people to type: see UserCode. */
  userCode(): UserCode;
  /** 256 random bits as base64url, 43 characters. */
  handle(): string;
  /** 128 random bits as base64url, 22 characters: short enough for the address of a page. */
  linkCode(): string;
}

export interface Hashing {
  /** Hex SHA-256 of a UTF-8 text. */
  digestOf(text: string): Digest;
  handleIdOf(handle: string): HandleId;
}

export interface Clock {
  /** The database's time, estimated: for what a leeway covers. What must be exact reads the database. */
  now(): Instant;
}
