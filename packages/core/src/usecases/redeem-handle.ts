/** redeemHandle: a waiting client polls. Approved: one token, once. A decision beats `slow_down`. */
import { type Extent, extentOf } from '../domain/access.ts';
import { answerByState } from '../domain/answer.ts';
import { answeredNow, type Handle, type HandleKind, isHandleAlive, nextPoll } from '../domain/handle.ts';
import type { HandleId, RequestId } from '../domain/ids.ts';
import { after, hours } from '../domain/instant.ts';
import type { Client } from '../domain/policy.ts';
import type { Refusal } from '../domain/refusal.ts';
import { closingOf } from '../domain/request.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Hashing } from '../ports/chance.ts';
import type { HandleSeen, Handles, Paces } from '../ports/handles.ts';
import type { Ledger, Seen } from '../ports/ledger.ts';

import { type Issued, type IssuingDeps, issueFrom, repeatIssued } from './issuing.ts';
import { handlePace, untilChange, type Waiting } from './waiting.ts';

export interface RedeemCommand {
  readonly client: Client;
  readonly kind: HandleKind;
  /** As the client sent it. */
  readonly code: string;
  /** Of the key proved with this poll. */
  readonly jkt?: string;
  /** This poll was judged when it came and has been held since: it looks again. */
  readonly held?: true;
}

export interface RedeemDeps extends IssuingDeps {
  readonly ledger: Ledger;
  readonly handles: Handles;
  readonly paces: Paces;
  readonly hashing: Hashing;
}

export type RedeemHandle = (command: RedeemCommand, by: Attribution) => Promise<Result<Issued | Waiting, Refusal>>;

const LOOKS_MAX = 5;
/** How long an ended handle still says how it ended. */
const REMEMBERED = hours(24);

/**
 * Builds the use case. Refusals: handle_unknown (not there, another client's, another kind, redeemed), handle_expired,
 * request_closed, grant_ended, policy_forbids, polled_too_soon, malformed (burned), proof_required and proof_rejected (of a
 * handle that is bound to a key).
 */
export function makeRedeemHandle(deps: RedeemDeps): RedeemHandle {
  return async (command, by) => {
    const attempt: Attempt = { by: { ...by, clientId: command.client.id } };
    const result = await redeem(deps, command, attempt);
    if (!result.ok && result.error.code !== 'polled_too_soon') {
      await deps.ledger.note({ refusal: result.error, attempted: 'poll', ...attempt });
    }
    return result;
  };
}

/** What the trail has to know of a poll; the subject and request as soon as the handle is known to be this client's. */
interface Attempt {
  by: Attribution;
  requestId?: RequestId;
}

async function redeem(
  deps: RedeemDeps,
  command: RedeemCommand,
  attempt: Attempt,
): Promise<Result<Issued | Waiting, Refusal>> {
  const id = deps.hashing.handleIdOf(command.code);
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    const seen = await deps.handles.find(id);
    if (seen === undefined || !isTheirs(seen.value, command)) return err({ code: 'handle_unknown' });
    attempt.by = { ...attempt.by, principal: seen.value.handle.subject };
    attempt.requestId = seen.value.handle.requestId;
    const key = await keyOf(deps, command, seen.value.handle);
    if (!key.ok) return key;
    const looked = await look(deps, command, attempt.by, seen, key.value);
    if (!looked.ok) return looked;
    if (looked.value.kind !== 'again') return ok(looked.value);
  }
  throw new Error('the grant kept changing during a poll');
}

function isTheirs({ handle }: HandleSeen, { client, kind }: RedeemCommand): boolean {
  return handle.clientId === client.id && handle.kind === kind;
}

type Looked = Issued | Waiting | { readonly kind: 'again' };

/** The key this poll's token is bound to: the handle's own, which must be proved; else the one proved now, from now on. */
async function keyOf(
  { handles }: RedeemDeps,
  { jkt }: RedeemCommand,
  handle: Handle,
): Promise<Result<string | undefined, Refusal>> {
  if (jkt === undefined) return handle.jkt === undefined ? ok(undefined) : err({ code: 'proof_required' });
  const bound = handle.jkt ?? (await handles.pin(handle.id, jkt));
  return jkt === bound ? ok(jkt) : err({ code: 'proof_rejected', why: 'other_key' });
}

async function look(
  deps: RedeemDeps,
  command: RedeemCommand,
  by: Attribution,
  seen: Seen<HandleSeen>,
  jkt: string | undefined,
): Promise<Result<Looked, Refusal>> {
  const { handle, case: c, redeemed } = seen.value;
  const poll = ['poll', handle.clientId, handle.kind, handle.id, ...(jkt === undefined ? [] : [jkt])];
  const fingerprint = deps.hashing.digestOf(JSON.stringify(poll));
  if (redeemed !== undefined) return repeatIssued(deps, redeemed, fingerprint, seen.at.now, { code: 'handle_unknown' });
  const standing = handleStands(seen);
  if (!standing.ok) return standing;
  const found = answerByState(c, stillGranted(seen.value), seen.at);
  if (!found.ok) return found;
  return found.value.kind === 'wait' ? pace(deps, command, seen, by) : issueOne(deps, by, seen, fingerprint, jkt);
}

async function issueOne(
  deps: RedeemDeps,
  by: Attribution,
  { value, at }: Seen<HandleSeen>,
  fingerprint: string,
  jkt: string | undefined,
): Promise<Result<Looked, Refusal>> {
  const { handle } = value;
  const issuing = await issueFrom(
    deps,
    { value: value.case, at },
    {
      clientId: handle.clientId,
      subject: handle.subject,
      extent: stillGranted(value),
      shape: {
        kind: 'access',
        ...(handle.actors === undefined ? {} : { actors: handle.actors }),
        ...(jkt === undefined ? {} : { jkt }),
      },
      uses: [handleUse(handle.id), ...handle.uses],
      fingerprint,
      by,
    },
  );
  if (!issuing.ok) return issuing;
  switch (issuing.value.kind) {
    case 'issued':
    case 'again':
      return ok(issuing.value);
    case 'used':
      return usedBy(issuing.value.key, handle.id);
    case 'spent':
      return err({ code: 'grant_ended', how: 'over' });
  }
}

/** A poll cannot name scopes: what was frozen, less what an approver took away. */
function stillGranted({ handle, case: c }: HandleSeen): Extent {
  const granted = (c.grant?.access ?? c.request.access).scopes;
  return { ...extentOf(handle), scopes: handle.scopes.filter((scope) => granted.includes(scope)) };
}

/** By another poll of this handle: look again, and answer the same token. By the subject token elsewhere: this handle gives none. */
function usedBy(key: string, id: HandleId): Result<{ readonly kind: 'again' }, Refusal> {
  if (key === handleUse(id)) return ok({ kind: 'again' });
  return key.startsWith('grant:') ? err({ code: 'grant_ended', how: 'over' }) : err({ code: 'handle_unknown' });
}

function handleUse(id: HandleId): string {
  return `handle:${id}`;
}

/** Whether the handle itself can still say something; how its request ended it says for a day. */
function handleStands({ value: { handle, case: c }, at: { now } }: Seen<HandleSeen>): Result<void, Refusal> {
  if (now >= after(handle.expiresAt, REMEMBERED)) return err({ code: 'handle_unknown' });
  const closing = closingOf(c.request, now);
  if (closing !== undefined && closing.state !== 'approved') return err({ code: 'request_closed', ...closing });
  if (handle.revoked) return err({ code: 'grant_ended', how: 'revoked' });
  return isHandleAlive(handle, closing?.at, now) ? ok(undefined) : err({ code: 'handle_expired' });
}

async function pace(
  deps: RedeemDeps,
  { held }: RedeemCommand,
  { value: { handle, case: c } }: Seen<HandleSeen>,
  by: Attribution,
): Promise<Result<Waiting, Refusal>> {
  const requestId = c.request.id;
  const poll = deps.paces.touch(handlePace(handle.id), held === undefined ? nextPoll : answeredNow);
  switch (poll.kind) {
    case 'in_time':
      return ok({ kind: 'waiting', requestId, intervalSeconds: poll.pace.intervalSeconds, ...untilChange(c) });
    case 'too_soon':
      return err({ code: 'polled_too_soon', requestId, intervalSeconds: poll.pace.intervalSeconds });
    case 'burned':
      await deps.handles.revoke(handle.id, by);
      return err({ code: 'malformed', what: 'polled too often: the handle is no longer good, ask again' });
  }
}
