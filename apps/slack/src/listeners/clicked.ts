/** Owns the rule of section "a click counts only from": the stored message of that request, the actor's own message, or a view. */
import { type AccessCase, type Moment, type PersonId, type RequestId, sameAccount } from '@sallyport/core';
import type { ClickValue } from '../action-ids.ts';
import { parseValue } from '../action-ids.ts';
import { type Desk, note } from '../desk.ts';
import { type Actor, accountOf } from '../identity.ts';
import { parseMessageKey, recipientOf } from '../outbound/message-key.ts';
import type { ClickPlace, SeenClick } from '../payload.ts';
import type { Speak } from '../speak.ts';
import { SAY } from '../views/sentences.ts';

const POSTING_MS = 1_000;
const POSTING_LOOK_MS = 25;

/** A click that counts: what it is about, and the case as it was just read. */
export interface Counted {
  readonly value: ClickValue;
  readonly case: AccessCase;
  readonly at: Moment;
}

/** Reads what a click is about, and checks that it comes from where such a button stands. A no is said and noted. */
export async function countedClick(
  desk: Desk,
  click: SeenClick,
  attempted: string,
  speak: Speak,
): Promise<Counted | undefined> {
  const value = parseValue(click.value);
  const seen = value === undefined ? undefined : await caseOf(desk, value);
  const id = seen?.value.request.id;
  if (value !== undefined && seen !== undefined && (await countsFrom(desk, click, seen.value.request.id, seen.at))) {
    return { value, case: seen.value, at: seen.at };
  }
  const refusal = { code: 'malformed', what: 'a click from elsewhere' } as const;
  await note(desk, refusal, click.actor, { attempted, ...(id === undefined ? {} : { requestId: id }) });
  const shownHere = await requestAt(desk, click.place);
  if (shownHere !== undefined) desk.redraw(shownHere, { force: true });
  await speak(SAY.outOfDate);
  return undefined;
}

function caseOf(desk: Desk, value: ClickValue) {
  return value.kind === 'grant' ? desk.ledger.findByGrant(value.grant) : desk.ledger.find(value.request);
}

/** The request a message at this place shows, if it is one of ours. */
export async function requestAt(desk: Desk, place: ClickPlace): Promise<RequestId | undefined> {
  if (place.in !== 'message') return undefined;
  return (await desk.messages.at(place.channel, place.ts))?.requestId;
}

async function countsFrom(desk: Desk, { place, actor }: SeenClick, request: RequestId, at: Moment): Promise<boolean> {
  if (place.in === 'view') return true;
  if (place.in === 'nowhere') return false;
  const stored = await storedAt(desk, place, request);
  if (stored === undefined || stored.requestId !== request) return false;
  const key = parseMessageKey(stored.key);
  if (key === undefined) return false;
  const owner = recipientOf(key);
  if (owner !== undefined) return isOwnMessage(desk, at, owner, actor);
  return key.kind === 'card' || key.kind === 'fallback';
}

/** The stored message at this place. One that is being posted right now may be clicked before its place is written down: a moment's patience. */
async function storedAt(desk: Desk, place: Extract<ClickPlace, { in: 'message' }>, request: RequestId) {
  const end = performance.now() + POSTING_MS;
  for (;;) {
    const stored = await desk.messages.at(place.channel, place.ts);
    if (stored !== undefined || performance.now() > end) return stored;
    const posting = (await desk.messages.ofRequest(request)).some(
      (one) => one.ts === undefined && one.attemptedAt !== undefined,
    );
    if (!posting) return desk.messages.at(place.channel, place.ts);
    await new Promise((resolve) => setTimeout(resolve, POSTING_LOOK_MS));
  }
}

async function isOwnMessage({ accounts }: Desk, { policy }: Moment, owner: PersonId, actor: Actor): Promise<boolean> {
  const account = (await accounts.of(policy, [owner])).get(owner);
  return account !== undefined && sameAccount(account, accountOf(actor));
}
