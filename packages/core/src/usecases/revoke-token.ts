/** revokeToken: RFC 7009, for access tokens and for handles. What is unknown, over or foreign is left alone. */
import { stepOf } from '../domain/case.ts';
import { decideGrant } from '../domain/decide-grant.ts';
import { decideRequest } from '../domain/decide-request.ts';
import type { Client } from '../domain/policy.ts';
import type { Refusal } from '../domain/refusal.ts';
import { closingOf } from '../domain/request.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Clock, Hashing } from '../ports/chance.ts';
import type { HandleSeen, Handles } from '../ports/handles.ts';
import type { Issuances } from '../ports/issuances.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { OwnVerifier } from '../ports/tokens.ts';

export interface RevokeTokenDeps {
  readonly issuances: Issuances;
  readonly handles: Handles;
  readonly ledger: Ledger;
  readonly ownVerifier: OwnVerifier;
  readonly hashing: Hashing;
  readonly clock: Clock;
}

export type RevokeToken = (client: Client, token: string, by: Attribution) => Promise<Result<void, Refusal>>;

/** A handle is 43 characters of base64url; a token has dots. */
const HANDLE = /^[A-Za-z0-9_-]{43}$/;

/** Builds the use case. Refusal: malformed, for a live token of another client (RFC 7009 section 2.1), which stays active. */
export function makeRevokeToken(deps: RevokeTokenDeps): RevokeToken {
  return (client, token, by) =>
    HANDLE.test(token) ? revokeHandle(deps, client, token, by) : revokeAccessToken(deps, client, token, by);
}

async function revokeAccessToken(
  deps: RevokeTokenDeps,
  client: Client,
  token: string,
  by: Attribution,
): Promise<Result<void, Refusal>> {
  const jti = await deps.ownVerifier.verify(token, deps.clock.now());
  const known = jti === undefined ? undefined : await deps.issuances.find(jti);
  if (jti === undefined || known === undefined || known.value.revoked) return ok(undefined);
  if (known.value.token.clientId !== client.id) {
    const refusal = { code: 'malformed', what: 'this token was issued to another client' } as const;
    await deps.ledger.note({
      refusal,
      by: { ...by, clientId: client.id },
      attempted: 'revoke',
      grantId: known.value.token.grantId,
    });
    return err(refusal);
  }
  const who = { kind: 'client', id: client.id } as const;
  const written = await deps.ledger.transact(
    known.value.token.requestId,
    (c, { now }) => ok(stepOf(c, [{ type: 'token.revoked', at: now, jti, by: who }])),
    { ...by, clientId: client.id },
  );
  return written.ok ? ok(undefined) : written;
}

/**
 * A handle whose exchange made the request takes the request back, or, approved with nothing issued, its grant.
 * A handle that joined ends alone. A redeemed one changes nothing: revoke the token or the grant.
 */
async function revokeHandle(
  deps: RevokeTokenDeps,
  client: Client,
  code: string,
  by: Attribution,
): Promise<Result<void, Refusal>> {
  const seen = await deps.handles.find(deps.hashing.handleIdOf(code));
  if (seen === undefined || seen.value.handle.clientId !== client.id || seen.value.redeemed !== undefined)
    return ok(undefined);
  const attribution = { ...by, clientId: client.id, principal: seen.value.handle.subject };
  await deps.handles.revoke(seen.value.handle.id, attribution);
  if (seen.value.handle.madeRequest) await takeBack(deps, seen.value, attribution);
  return ok(undefined);
}

async function takeBack(
  deps: RevokeTokenDeps,
  { case: { request }, grantGaveTokens }: HandleSeen,
  by: Attribution,
): Promise<void> {
  await deps.ledger.transact(
    request.id,
    (c, at) => {
      if (closingOf(c.request, at.now) === undefined) {
        return decideRequest(c, { kind: 'cancel', by: request.requester }, at, deps.hashing.digestOf);
      }
      if (c.grant === undefined || grantGaveTokens) return ok('unchanged');
      const revoked = decideGrant(c, { kind: 'revoke', by: request.subject }, at);
      return revoked.ok ? revoked : ok('unchanged');
    },
    by,
  );
}
