/** Owns what a pass does when one requester has more pending than a channel should show one by one. */
import { DIGEST_OVER, type Ledger, type RequestId, samePrincipal } from '@sallyport/core';
import type { Message } from '../views/blocks.ts';
import { digestCard } from '../views/digest-card.ts';
import { type Drawn, phaseOf } from '../views/phase.ts';
import { cardTeam } from './card-place.ts';
import { messageKey } from './message-key.ts';
import type { PlannedMessage } from './plan.ts';
import type { Digest, SlackDigests, StoredMessage } from './stores.ts';

export interface FloodDeps {
  readonly ledger: Pick<Ledger, 'crowdOf' | 'mine'>;
  readonly digests: SlackDigests;
}

/** How this request stands to the many of its requester. */
export interface Flood {
  /** It gets no card and asks nobody by message: the digest lists it. */
  readonly listed: boolean;
  /** The digest, where this request's pass draws it. */
  readonly draws?: PlannedMessage;
  /** To be looked at after this pass. */
  readonly also: readonly RequestId[];
  /** Once all is shown: the digest is over, and these get cards of their own. */
  readonly over?: () => Promise<readonly RequestId[]>;
}

/** No crowd. */
export const NO_FLOOD: Flood = { listed: false, also: [] };
const PAGE = 100;
const PAGES_MAX = 10;

/** Looks at the requester's crowd; `homeOf` is the channel where the card of a request would be. */
export async function floodOf(
  { ledger, digests }: FloodDeps,
  drawn: Drawn,
  homeOf: (drawn: Drawn) => string | undefined,
  stored: readonly StoredMessage[],
): Promise<Flood> {
  const { request } = drawn.case;
  const channel = homeOf(drawn);
  if (request.effect === 'auto_approve') return NO_FLOOD;
  const flooded = (await ledger.crowdOf(request.requester)).pending > DIGEST_OVER;
  const listed = flooded && phaseOf(drawn) === 'pending' && !hasCard(stored);
  if (channel === undefined) return { listed, also: [] };
  const digest = listed
    ? await digests.open(request.requester, channel, request.id)
    : await digests.find(request.requester, channel);
  if (digest === undefined) return NO_FLOOD;
  if (digest.anchor !== request.id) return { listed, also: [digest.anchor] };
  const pending = await pendingIn(ledger, drawn, homeOf);
  const draws = planned(drawn, channel, digest, () => digestCard(drawn, pending, flooded));
  if (flooded) return { listed, draws, also: [] };
  const over = async (): Promise<readonly RequestId[]> => {
    await digests.close(request.requester, channel);
    return pending.map((one) => one.case.request.id);
  };
  return { listed, draws, also: [], over };
}

/** In a channel, or, where there is none, any message that asks an approver. */
function hasCard(stored: readonly StoredMessage[]): boolean {
  return stored.some(
    (one) => /^(card|fallback|approver):/.test(one.key) && (one.ts !== undefined || one.attemptedAt !== undefined),
  );
}

function planned(drawn: Drawn, channel: string, digest: Digest, draw: () => Message): PlannedMessage {
  const key = messageKey({ kind: 'digest', request: drawn.case.request.id });
  return {
    key,
    kind: 'digest',
    destination: { to: 'channel', ...cardTeam(drawn), channel },
    once: false,
    version: digest.version,
    draw,
  };
}

/** Everything this requester has pending whose card would be in the same channel, newest first. */
async function pendingIn(
  ledger: FloodDeps['ledger'],
  drawn: Drawn,
  homeOf: (drawn: Drawn) => string | undefined,
): Promise<readonly Drawn[]> {
  const { requester } = drawn.case.request;
  const found: Drawn[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { value, at } = await ledger.mine([requester], { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...value.items.map((c): Drawn => ({ case: c, at })));
    cursor = value.nextCursor;
    if (cursor === undefined) break;
  }
  const isTheirs = (one: Drawn): boolean => samePrincipal(one.case.request.requester, requester);
  return found.filter((one) => phaseOf(one) === 'pending' && isTheirs(one) && homeOf(one) === homeOf(drawn));
}
