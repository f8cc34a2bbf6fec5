/** Owns what delivery needs of the database, as far as it is not a port of the core: messages shown, channel slots, the outbox. */
import type { Instant, Principal, RequestId } from '@sallyport/core';

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
  /** The channel that took no card of this request, when there was none yet. */
  readonly refusedBy?: string;
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
  /** This channel takes no such message. Gives the lease back. */
  refused(claim: Claim, channel: string): Promise<void>;
  /** Takes the channel's next second: 0, or the milliseconds to wait before asking again. */
  slot(channel: string): Promise<number>;
  /** Slack asked for a pause of so many milliseconds. */
  hold(channel: string, forMs: number): Promise<void>;
  /** Cards and messages that follow a case and show less than its version, from the oldest request after this one on. */
  lagging(after: RequestId | undefined, limitMax: number): Promise<readonly StoredMessage[]>;
}

/** When requests are to be looked at again because of time alone. A hint: what is due then is judged from the rows. */
export interface SlackWakes {
  /** Worked out at `seenAt`: a nudge since then is not forgotten. Undefined: time alone changes nothing any more. */
  set(id: RequestId, next: Wake | undefined, seenAt: Instant): Promise<void>;
  /** Those whose time has come by the database's clock, the most overdue first. They stay until they are set anew. */
  due(limitMax: number): Promise<readonly { readonly requestId: RequestId; readonly redraw: boolean }[]>;
}

export interface Wake {
  readonly at: Instant;
  /** What is shown becomes untrue then, though the case does not change. */
  readonly redraw: boolean;
}

export interface SlackNudges {
  /** Counts one more and lets the request be looked at now; within 15 minutes of the last: when the next one may come. */
  nudge(id: RequestId): Promise<{ readonly nudged: true } | { readonly nudged: false; readonly againAt: Instant }>;
  /** How many there were, and when the last; undefined: none. */
  ofRequest(id: RequestId): Promise<{ readonly count: number; readonly at: Instant } | undefined>;
}

/** The one message that lists a requester's many pending requests in a channel. */
export interface SlackDigests {
  find(requester: Principal, channel: string): Promise<Digest | undefined>;
  /** The one there is, or one on this request. */
  open(requester: Principal, channel: string, anchor: RequestId): Promise<Digest>;
  /** It lists nothing any more; the next one is a new message. */
  close(requester: Principal, channel: string): Promise<void>;
}

export interface Digest {
  /** The request whose message it is. */
  readonly anchor: RequestId;
  /** Rises with every change of any request of this requester that was pending when it began, or came later. */
  readonly version: number;
}

export interface SlackOutbox {
  /** The change behind this row is shown wherever it should be. Again: nothing. */
  done(id: number): Promise<void>;
  state(): Promise<{ readonly oldestMs: number }>;
}

export interface DeliveryStores {
  readonly messages: SlackMessages;
  readonly outbox: SlackOutbox;
  readonly wakes: SlackWakes;
  readonly nudges: SlackNudges;
  readonly digests: SlackDigests;
}
