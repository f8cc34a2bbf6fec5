/** Owns what delivery needs of the database, as far as it is not a port of the core: messages shown, channel slots, the outbox. */
import type { Instant, RequestId } from '@sallyport/core';

/** A message in Slack that follows a case. */
export interface StoredMessage {
  readonly key: string;
  readonly requestId: RequestId;
  readonly channel?: string;
  readonly ts?: string;
  /** The case's version it shows; 0: none yet. */
  readonly shownVersion: number;
  /** A post was begun then; without a `ts` its answer never came. */
  readonly attemptedAt?: Instant;
}

/** A message leased for redrawing; what is stored under an older claim is refused. */
export interface Claim {
  readonly message: StoredMessage;
  readonly claim: string;
}

export interface SlackMessages {
  ofRequest(id: RequestId): Promise<readonly StoredMessage[]>;
  /** The message at this place: a click counts only from one of ours. */
  at(channel: string, ts: string): Promise<StoredMessage | undefined>;
  /** Leases a message for 30 s, making its row if there is none; undefined while somebody else has it. */
  claim(key: string, requestId: RequestId): Promise<Claim | undefined>;
  /** A post into this channel is about to be sent. False: the claim was lost. */
  attempting(claim: Claim, channel: string): Promise<boolean>;
  /** It is there and shows this version (never less than before); gives the lease back. False: the claim was lost. */
  shown(
    claim: Claim,
    shown: { readonly channel: string; readonly ts: string; readonly version: number },
  ): Promise<boolean>;
  /** It is gone from Slack: the next drawing posts anew. Gives the lease back. */
  forget(claim: Claim): Promise<void>;
  release(claim: Claim): Promise<void>;
  /** Takes the channel's next second: 0, or the milliseconds to wait before asking again. */
  slot(channel: string): Promise<number>;
  /** Slack asked for a pause of so many milliseconds. */
  hold(channel: string, forMs: number): Promise<void>;
  /** Messages whose key begins so and that show less than their case's version, oldest first. */
  lagging(keyPrefix: string, limitMax: number): Promise<readonly StoredMessage[]>;
}

export interface SlackOutbox {
  /** The change behind this row is shown wherever it should be. Again: nothing. */
  done(id: number): Promise<void>;
  state(): Promise<{ readonly oldestMs: number }>;
}

export interface DeliveryStores {
  readonly messages: SlackMessages;
  readonly outbox: SlackOutbox;
}
