/** Owns what a store must offer so that the contracts can be run against it: its ports, and four levers of the test. */
import type {
  Devices,
  Duration,
  EndedBits,
  Facts,
  GrantId,
  Handles,
  Issuances,
  Ledger,
  LiveTokens,
  Policy,
  Questions,
  ReplayGuard,
  RequestId,
  Revocations,
  Sessions,
  SlackLinks,
  StatusBits,
  TokenId,
} from '@sallyport/core';

/** An audit row as a contract looks at it. */
export interface SeenAudit {
  readonly type: string;
  readonly requestId?: RequestId;
  readonly grantId?: GrantId;
  readonly jti?: TokenId;
  readonly reasonCode?: string;
}

export interface SeenOutbox {
  readonly requestId: RequestId;
  readonly type: string;
}

/**
 * One store, empty at first. Contracts run several tests on one, in order, and leave rows behind; each works on its own
 * subject.
 * `advance` only goes forward. A store whose clock is not a variable moves it where it is read: a Postgres test can put
 * a schema with its own `clock_timestamp()` before `pg_catalog` in the search path.
 */
export interface StoreWorld {
  readonly ledger: Ledger;
  readonly issuances: Issuances;
  readonly handles: Handles;
  readonly replayGuard: ReplayGuard;
  readonly sessions: Sessions;
  readonly devices: Devices;
  readonly slackLinks: SlackLinks;
  readonly questions: Questions;
  readonly facts: Facts;
  readonly statuses: StatusBits;
  readonly endedBits: EndedBits;
  readonly revocations: Revocations;
  readonly liveTokens: LiveTokens;
  /** Puts a policy in force; the next read and the next transaction judge by it. */
  put(policy: Policy): Promise<void>;
  /** Moves the store's clock forward. */
  advance(length: Duration): Promise<void>;
  /** Every audit row so far, oldest first. */
  audit(): Promise<readonly SeenAudit[]>;
  /** Every outbox row so far, oldest first, done or not. */
  outbox(): Promise<readonly SeenOutbox[]>;
  close(): Promise<void>;
}

export type MakeStoreWorld = (policy: Policy) => Promise<StoreWorld>;
