/** Owns the words of delivery: what one is asked to bring, and what came of it. */
import type { Logger } from '@sallyport/platform';
import type { WebClient } from './clients.ts';
import type { Places } from './places.ts';
import type { PlannedMessage } from './plan.ts';
import type { SlackMessages, StoredMessage } from './stores.ts';

/** Where a message stands in Slack. */
export interface Place {
  readonly channel: string;
  readonly ts: string;
}

export type Delivered =
  | { readonly kind: 'shown'; readonly place: Place }
  /** Not there and need not be. */
  | { readonly kind: 'dropped' }
  /** Its channel cannot take messages. */
  | { readonly kind: 'unusable'; readonly channel: string; readonly code: string }
  /** `failed`: something went wrong, so pauses grow; else it is only somebody else's turn. */
  | { readonly kind: 'later'; readonly ms: number; readonly failed: boolean }
  | { readonly kind: 'dead_token'; readonly code: string };

export interface DeliverDeps {
  readonly client: WebClient;
  readonly messages: SlackMessages;
  readonly places: Places;
  readonly logger: Logger;
  /** Milliseconds between two messages of a channel; a second unless said. */
  readonly slotMs?: number;
}

export interface DeliverJob {
  readonly planned: PlannedMessage;
  readonly stored: StoredMessage | undefined;
  readonly requestId: StoredMessage['requestId'];
  readonly version: number;
  /**
   * Drawn again although the version was shown, unless this process drew it since (its monotonic milliseconds): time, or
   * a lost update, may have made it untrue.
   */
  readonly drawnSince: number | undefined;
  /** Where the card is, for links and threads. */
  readonly card: Place | undefined;
}

/** Somebody else draws it now. */
export const HELD: Delivered = { kind: 'later', ms: 1_000, failed: false };
