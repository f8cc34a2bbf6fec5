/** Owns finding a message of ours whose answer got lost: by the key in its metadata, in what was said since. */
import type { Instant } from '@sallyport/core';
import type { WebClient } from './clients.ts';
import { slackFailure } from './slack-error.ts';

export interface LostMessage {
  readonly channel: string;
  /** In the thread of this message; absent: in the channel itself. */
  readonly threadTs?: string;
  readonly opaqueKey: string;
  readonly attemptedAt: Instant;
}

/** Slack's clock and ours may differ by so much. */
const MARGIN_MS = 60_000;
const PAGE = 200;
const PAGES_MAX = 5;

/**
 * All messages with this key, oldest first. Where history cannot be read (no such method, no right), none: a second
 * message is the lesser evil. Throws what a call threw when trying again may help.
 */
export async function findLostMessage(client: WebClient, lost: LostMessage): Promise<readonly string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  try {
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = await ask(client, lost, cursor);
      for (const message of answer.messages ?? []) {
        if (message.ts !== undefined && keyOf(message) === lost.opaqueKey) found.push(message.ts);
      }
      cursor = answer.response_metadata?.next_cursor;
      if (cursor === undefined || cursor === '') break;
    }
  } catch (thrown) {
    if (slackFailure(thrown).kind !== 'refused') throw thrown;
  }
  return found.toSorted((a, b) => Number(a) - Number(b));
}

function ask(client: WebClient, { channel, threadTs, attemptedAt }: LostMessage, cursor: string | undefined) {
  const span = {
    channel,
    oldest: String((attemptedAt - MARGIN_MS) / 1_000),
    limit: PAGE,
    include_all_metadata: true,
    ...(cursor === undefined ? {} : { cursor }),
  };
  return threadTs === undefined
    ? client.conversations.history(span)
    : client.conversations.replies({ ...span, ts: threadTs });
}

function keyOf(message: object): string | undefined {
  if (!('metadata' in message) || typeof message.metadata !== 'object' || message.metadata === null) return undefined;
  if (!('event_payload' in message.metadata)) return undefined;
  const payload = message.metadata.event_payload;
  if (typeof payload !== 'object' || payload === null || !('key' in payload)) return undefined;
  return typeof payload.key === 'string' ? payload.key : undefined;
}
