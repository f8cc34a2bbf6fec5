/** Which client is calling: one method per call, and every no looks alike. */
import {
  type Client,
  type ClientAuth,
  clientById,
  err,
  ok,
  type Policy,
  type Refusal,
  type Result,
} from '@sallyport/core';
import { equalBytes, sha256Hex } from '@sallyport/platform';
import { decodeFormText, type Form, param } from './form.ts';

/** Compared against when there is no such client, so that unknown costs what wrong costs. */
const NO_SECRET = '0'.repeat(64);
const BASIC = /^Basic ([A-Za-z0-9+/]+={0,2})$/i;
const BEARER_HEADER_MAX = 4_096;

/**
 * Authenticates the client by HTTP Basic (RFC 6749 section 2.3.1, form-decoded) or by `client_id` alone (`none`).
 * `allowed`: the methods this endpoint takes.
 * Refusals: malformed (two methods), client_rejected.
 */
export function authenticateClient(
  policy: Policy,
  authorization: string | undefined,
  form: Form,
  allowed: readonly ClientAuth[],
): Result<Client, Refusal> {
  const inBody = form.has('client_secret') || form.has('client_assertion') || form.has('client_assertion_type');
  if (authorization === undefined) return inBody ? rejected(false) : byName(policy, param(form, 'client_id'), allowed);
  if (inBody) return err({ code: 'malformed', what: 'use one client authentication method' });
  const pair = readBasic(authorization);
  const client = bySecret(policy, pair, param(form, 'client_id'));
  return client !== undefined && allowed.includes('client_secret_basic') ? ok(client) : rejected(true);
}

function byName(policy: Policy, id: string | undefined, allowed: readonly ClientAuth[]): Result<Client, Refusal> {
  const client = id === undefined ? undefined : clientById(policy, id);
  return client?.auth === 'none' && allowed.includes('none') ? ok(client) : rejected(false);
}

function bySecret(
  policy: Policy,
  pair: readonly [string, string] | undefined,
  named: string | undefined,
): Client | undefined {
  const [id, secret] = pair ?? ['', ''];
  const client = clientById(policy, id);
  const matches = equalBytes(sha256Hex(secret), client?.secretSha256 ?? NO_SECRET);
  const agrees = named === undefined || named === id;
  return matches && agrees && client?.auth === 'client_secret_basic' ? client : undefined;
}

function readBasic(authorization: string): readonly [string, string] | undefined {
  const encoded = authorization.length > BEARER_HEADER_MAX ? undefined : BASIC.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  const [id, secret] = [decodeFormText(text.slice(0, colon)), decodeFormText(text.slice(colon + 1))];
  return id === undefined || secret === undefined ? undefined : [id, secret];
}

function rejected(usedBasic: boolean): Result<never, Refusal> {
  return err({ code: 'client_rejected', usedBasic });
}
