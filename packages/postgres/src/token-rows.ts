/** Owns row <-> domain for tokens and their revocations: sealed before the write, checked after the read. */
import {
  bitNumber,
  type ClientId,
  type EarlierUse,
  type Instant,
  nameOf,
  type Principal,
  parseGrantId,
  parseRequestId,
  parseTokenId,
  type ResourceId,
  type RoleId,
  type Scope,
  statusAt,
  type TokenFacts,
  type TokenId,
} from '@sallyport/core';
import { RowUnreadable } from './faults.ts';
import { actorsIn, detailsIn, optionalText } from './rich-values.ts';
import type { RowMac } from './row-mac.ts';
import {
  isNull,
  maybeText,
  object,
  parsed,
  principal,
  type StoredRow,
  text,
  texts,
  time,
  whole,
} from './row-values.ts';
import { sealOf } from './rows.ts';
import { timeText } from './statement.ts';
import type { JsonRow } from './tables.ts';

/** Who gave a token back: a principal, or the OAuth client it was issued to. */
export type TokenRevoker = Principal | { readonly kind: 'client'; readonly id: string };

/** The row of a token. */
export function tokenRow(token: TokenFacts, mac: RowMac): JsonRow {
  const { key, mac: code } = mac.seal('tokens', token);
  return {
    jti: token.jti,
    grant_id: token.grantId,
    request_id: token.requestId,
    subject: nameOf(token.subject),
    audience: token.audience,
    client_id: token.clientId,
    scopes: token.scopes,
    issued_at: timeText(token.issuedAt),
    expires_at: timeText(token.expiresAt),
    federation: token.federation ?? null,
    actors: token.actors ?? null,
    details: token.details ?? null,
    jkt: token.jkt ?? null,
    status: token.status === undefined ? null : bitNumber(token.status),
    mac_key: key,
    mac: code,
  };
}

/** Reads a token's row; its MAC is checked. */
export function readToken(value: unknown, mac: RowMac): TokenFacts {
  const row = object(value, 'a token');
  const token: TokenFacts = {
    jti: parsed(row, 'jti', parseTokenId),
    ...federationIn(row),
    subject: principal(row, 'subject'),
    ...actorsIn(row),
    audience: text(row, 'audience'),
    clientId: text(row, 'client_id') as ClientId,
    scopes: texts(row, 'scopes') as readonly Scope[],
    ...detailsIn(row),
    ...optionalText('jkt', maybeText(row, 'jkt')),
    ...statusIn(row),
    grantId: parsed(row, 'grant_id', parseGrantId),
    requestId: parsed(row, 'request_id', parseRequestId),
    issuedAt: time(row, 'issued_at'),
    expiresAt: time(row, 'expires_at'),
  };
  mac.check('tokens', token.jti, token, sealOf(row));
  return token;
}

function federationIn(row: StoredRow): Pick<TokenFacts, 'federation'> {
  if (isNull(row, 'federation')) return {};
  const { target, role } = object(row.federation, 'a federation');
  if (typeof target !== 'string' || typeof role !== 'string') throw new RowUnreadable('federation is not one');
  return { federation: { target: target as ResourceId, role: role as RoleId } };
}

function statusIn(row: StoredRow): Pick<TokenFacts, 'status'> {
  return isNull(row, 'status') ? {} : { status: statusAt(whole(row, 'status')) };
}

/** The row of a token's revocation. */
export function revocationRow(jti: TokenId, at: Instant, by: TokenRevoker, mac: RowMac): JsonRow {
  const content = { jti, at, by: `${by.kind}:${by.id}` };
  const { key, mac: code } = mac.seal('token_revocations', content);
  return { ...content, at: timeText(at), mac_key: key, mac: code };
}

/** Checks a stored revocation. */
export function checkRevocation(value: unknown, mac: RowMac): void {
  const row = object(value, 'a revocation');
  const jti = text(row, 'jti');
  mac.check('token_revocations', jti, { jti, at: time(row, 'at'), by: text(row, 'by') }, sealOf(row));
}

/** Reads `{use, token}`: what a one-time key was used for. */
export function readUse(value: unknown, mac: RowMac): EarlierUse & { readonly key: string } {
  const stored = object(value, 'a use');
  const use = object(stored.use, 'a use');
  return {
    key: text(use, 'key'),
    token: readToken(stored.token, mac),
    fingerprint: text(use, 'fingerprint'),
    at: time(use, 'used_at'),
  };
}
