/** Waiting: what a client is told that has to wait for people: a handle if it opted in, else how often it may ask again. */
import type { Scope } from '../domain/access.ts';
import type { AccessCase } from '../domain/case.ts';
import { firstPace, type Handle, handleEnd, handleSecondsLeft, nextPoll } from '../domain/handle.ts';
import type { RequestId } from '../domain/ids.ts';
import type { Client } from '../domain/policy.ts';
import type { Principal } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Chance, Hashing } from '../ports/chance.ts';
import type { Handles, Paces } from '../ports/handles.ts';
import type { Seen } from '../ports/ledger.ts';
import type { VerifiedSubject } from '../ports/tokens.ts';

/** Told to wait; the handle only when a new one was handed out. */
export interface Waiting {
  readonly kind: 'waiting';
  readonly requestId: RequestId;
  readonly intervalSeconds: number;
  readonly handle?: { readonly code: string; readonly secondsLeft: number };
}

export interface WaitDeps {
  readonly handles: Handles;
  readonly paces: Paces;
  readonly hashing: Hashing;
  readonly chance: Chance;
}

export interface WaitAsk {
  readonly client: Client;
  /** `completion_mode=deferred`: give me a handle. */
  readonly deferred: boolean;
  readonly subject: VerifiedSubject;
  readonly principal: Principal;
  readonly scopes: readonly Scope[];
  /** What a token of this exchange would use up. */
  readonly uses: readonly string[];
  /** Whether this very exchange made the request. */
  readonly madeRequest: boolean;
}

/** Hands out a handle, or judges the pace of repeating the exchange. Refusals: polled_too_soon, too_many. */
export async function waitFor(deps: WaitDeps, ask: WaitAsk, on: Seen<AccessCase>): Promise<Result<Waiting, Refusal>> {
  return ask.deferred ? ok(await handOut(deps, ask, on)) : repeatLater(deps, ask, on.value.request.id);
}

async function repeatLater(deps: WaitDeps, ask: WaitAsk, requestId: RequestId): Promise<Result<Waiting, Refusal>> {
  const token = deps.hashing.digestOf(JSON.stringify([ask.subject.issuer.issuer, ask.subject.jti]));
  const poll = await deps.paces.touch(`exchange:${ask.client.id}:${requestId}:${token}`, nextPoll);
  const { intervalSeconds } = poll.pace;
  if (poll.kind === 'in_time') return ok({ kind: 'waiting', requestId, intervalSeconds });
  if (poll.kind === 'burned') return err({ code: 'too_many', retryAfterSeconds: intervalSeconds });
  return err({ code: 'polled_too_soon', requestId, intervalSeconds });
}

async function handOut(deps: WaitDeps, ask: WaitAsk, { value: c, at }: Seen<AccessCase>): Promise<Waiting> {
  const code = deps.chance.handle();
  const handle: Handle = {
    id: deps.hashing.handleIdOf(code),
    kind: 'deferral_code',
    clientId: ask.client.id,
    subject: ask.principal,
    requestId: c.request.id,
    madeRequest: ask.madeRequest,
    scopes: ask.scopes,
    uses: ask.uses,
    issuedAt: at.now,
    expiresAt: handleEnd(c.request, ask.client.auth === 'none', at.now),
    revoked: false,
  };
  const pace = firstPace(at.now);
  await deps.handles.put(handle, pace);
  const given = { code, secondsLeft: handleSecondsLeft(handle, at.now) };
  return { kind: 'waiting', requestId: c.request.id, intervalSeconds: pace.intervalSeconds, handle: given };
}
