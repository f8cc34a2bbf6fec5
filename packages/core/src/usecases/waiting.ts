/** Waiting: what a client is told that has to wait for people: a handle if it opted in, else how often it may ask again. */
import type { Extent } from '../domain/access.ts';
import type { AccessCase } from '../domain/case.ts';
import type { Actors } from '../domain/delegation.ts';
import { firstPace, type Handle, type HandleKind, handleEnd, handleSecondsLeft, nextPoll } from '../domain/handle.ts';
import type { HandleId, RequestId } from '../domain/ids.ts';
import type { Instant } from '../domain/instant.ts';
import type { Client } from '../domain/policy.ts';
import type { Principal } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Chance, Hashing } from '../ports/chance.ts';
import type { Handles, Paces } from '../ports/handles.ts';
import type { Seen } from '../ports/ledger.ts';

/** Told to wait; the handle only when a new one was handed out. */
export interface Waiting {
  readonly kind: 'waiting';
  readonly requestId: RequestId;
  readonly intervalSeconds: number;
  /** Of the case that was read: another version is another answer. */
  readonly version: number;
  /** When time alone will change the answer. */
  readonly changesAt: Instant;
  readonly handle?: { readonly code: string; readonly secondsLeft: number };
}

export interface WaitDeps {
  readonly handles: Handles;
  readonly paces: Paces;
  readonly hashing: Hashing;
  readonly chance: Chance;
}

/** Who waits, and what a poll will give. */
export interface WaitAsk {
  readonly client: Client;
  /** Give me a handle of this kind; absent: the client repeats its exchange. */
  readonly handle?: HandleKind;
  readonly principal: Principal;
  readonly actors?: Actors;
  readonly jkt?: string;
  /** Tells one waiting client from another that asks the same. */
  readonly paceOf: string;
  readonly extent: Extent;
  /** What a token of this exchange would use up. */
  readonly uses: readonly string[];
  /** Whether this very exchange made the request. */
  readonly madeRequest: boolean;
}

/** Hands out a handle, or judges the pace of repeating the exchange. Refusals: polled_too_soon, too_many. */
export async function waitFor(deps: WaitDeps, ask: WaitAsk, on: Seen<AccessCase>): Promise<Result<Waiting, Refusal>> {
  return ask.handle === undefined ? repeatLater(deps, ask, on.value) : ok(await handOut(deps, ask, ask.handle, on));
}

function repeatLater(deps: WaitDeps, ask: WaitAsk, c: AccessCase): Result<Waiting, Refusal> {
  const requestId = c.request.id;
  const poll = deps.paces.touch(`exchange:${ask.client.id}:${requestId}:${ask.paceOf}`, nextPoll);
  const { intervalSeconds } = poll.pace;
  if (poll.kind === 'in_time') return ok({ kind: 'waiting', requestId, intervalSeconds, ...untilChange(c) });
  if (poll.kind === 'burned') return err({ code: 'too_many', retryAfterSeconds: intervalSeconds });
  return err({ code: 'polled_too_soon', requestId, intervalSeconds });
}

/** Hands out a handle on a case, with the interval to poll at. */
export async function handOut(
  deps: WaitDeps,
  ask: WaitAsk,
  kind: HandleKind,
  { value: c, at }: Seen<AccessCase>,
): Promise<Waiting & { readonly handle: { readonly code: string; readonly secondsLeft: number } }> {
  const code = deps.chance.handle();
  const handle = handleOf(deps.hashing.handleIdOf(code), kind, ask, { value: c, at });
  await deps.handles.put(handle);
  const { pace } = deps.paces.touch(handlePace(handle.id), (_none, now) => ({ kind: 'in_time', pace: firstPace(now) }));
  const given = { code, secondsLeft: handleSecondsLeft(handle, at.now) };
  const { intervalSeconds } = pace;
  return { kind: 'waiting', requestId: c.request.id, intervalSeconds, ...untilChange(c), handle: given };
}

/** A handle on a case as it was seen. */
export function handleOf(
  id: HandleId,
  kind: HandleKind,
  ask: Omit<WaitAsk, 'handle' | 'paceOf'>,
  { value: c, at }: Seen<AccessCase>,
): Handle {
  const keyless = ask.client.auth === 'none' && ask.jkt === undefined;
  return {
    id,
    kind,
    clientId: ask.client.id,
    subject: ask.principal,
    ...(ask.actors === undefined ? {} : { actors: ask.actors }),
    ...(ask.jkt === undefined ? {} : { jkt: ask.jkt }),
    requestId: c.request.id,
    madeRequest: ask.madeRequest,
    ...ask.extent,
    uses: ask.uses,
    issuedAt: at.now,
    expiresAt: handleEnd(c, keyless, at.now),
    revoked: false,
  };
}

/** Under which key a handle's pace is kept. */
export function handlePace(id: HandleId): string {
  return `handle:${id}`;
}

/** What a held poll waits for: a new version, or what time alone changes: the pending time ends, or the grant begins. */
export function untilChange({ version, request, grant }: AccessCase): Pick<Waiting, 'version' | 'changesAt'> {
  return { version, changesAt: grant === undefined ? request.expiresAt : grant.notBefore };
}
