/** Which client is calling: one method per call, and every no looks alike. */
import {
  type Client,
  type ClientAssertionVerifier,
  type ClientAuth,
  type Clock,
  clientById,
  err,
  ok,
  type Policy,
  type Refusal,
  type ReplayGuard,
  type Result,
} from '@sallyport/core';
import { equalBytes, sha256Hex } from '@sallyport/platform';
import { decodeFormText, type Form, param } from './form.ts';
import { CLIENT_ASSERTION_TYPE } from './names.ts';

/** Compared against when there is no such client, so that unknown costs what wrong costs. */
const NO_SECRET = '0'.repeat(64);
const BASIC = /^Basic ([A-Za-z0-9+/]+={0,2})$/i;
const BASIC_HEADER_MAX = 4_096;

export interface ClientAuthDeps {
  readonly clientAssertions: ClientAssertionVerifier;
  readonly replayGuard: ReplayGuard;
  readonly clock: Clock;
}

/**
 * Authenticates the client by HTTP Basic (RFC 6749 section 2.3.1, form-decoded), by an assertion (RFC 7523 section 2.2), or
 * by `client_id` alone (`none`). `allowed`: the methods this endpoint takes.
 * Refusals: malformed (two methods), client_rejected.
 */
export async function authenticateClient(
  deps: ClientAuthDeps,
  policy: Policy,
  authorization: string | undefined,
  form: Form,
  allowed: readonly ClientAuth[],
): Promise<Result<Client, Refusal>> {
  const inBody = ['client_secret', 'client_assertion', 'client_assertion_type'].some((name) => form.has(name));
  const usedBasic = authorization !== undefined;
  if (usedBasic && inBody) return err({ code: 'malformed', what: 'use one client authentication method' });
  const client = usedBasic
    ? bySecret(policy, readBasic(authorization), param(form, 'client_id'))
    : inBody
      ? await byAssertion(deps, policy, form)
      : byName(policy, param(form, 'client_id'));
  return client !== undefined && allowed.includes(client.auth)
    ? ok(client)
    : err({ code: 'client_rejected', usedBasic });
}

function byName(policy: Policy, id: string | undefined): Client | undefined {
  const client = id === undefined ? undefined : clientById(policy, id);
  return client?.auth === 'none' ? client : undefined;
}

/** The assertion's own id is used up last: what is refused for another reason does not use it. */
async function byAssertion(deps: ClientAuthDeps, policy: Policy, form: Form): Promise<Client | undefined> {
  const assertion = param(form, 'client_assertion');
  const soleMethod = param(form, 'client_assertion_type') === CLIENT_ASSERTION_TYPE && !form.has('client_secret');
  if (assertion === undefined || !soleMethod) return undefined;
  const claimed = deps.clientAssertions.claimedClient(assertion);
  const client = claimed === undefined ? undefined : clientById(policy, claimed);
  const named = param(form, 'client_id');
  if (client?.auth !== 'private_key_jwt' || (named !== undefined && named !== client.id)) return undefined;
  const verified = await deps.clientAssertions.verify(assertion, client, deps.clock.now());
  return verified.ok && (await deps.replayGuard.first(verified.value)) ? client : undefined;
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
  const encoded = authorization.length > BASIC_HEADER_MAX ? undefined : BASIC.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  const [id, secret] = [decodeFormText(text.slice(0, colon)), decodeFormText(text.slice(colon + 1))];
  return id === undefined || secret === undefined ? undefined : [id, secret];
}
