/** What the broker's doors work with; built once, in compose.ts. */
import type {
  CancelRequest,
  ClientAssertionVerifier,
  Clock,
  DeviceDesk,
  ExchangeToken,
  Facts,
  Hashing,
  IntrospectToken,
  Ledger,
  LinkDesk,
  Policies,
  ProofVerifier,
  Questions,
  Reading,
  RecordDecision,
  RedeemHandle,
  ReplayGuard,
  Revocations,
  RevokeGrant,
  RevokeToken,
  StartBackchannel,
  StartDevice,
  SubjectVerifier,
  SubmitRequest,
} from '@sallyport/core';
import type { Logger, Metrics, OpsRoutes } from '@sallyport/platform';
import type { IntrospectionSigner, SignRevocation } from '@sallyport/tokens';
import type { Changes, Wakes } from './changes.ts';
import type { HeldPolls } from './oauth/held-polls.ts';
import type { Nonces } from './oauth/proof.ts';
import type { StatusLists } from './oauth/status-lists.ts';
import type { RevocationReader } from './revocations/reader.ts';
import type { WebDeps } from './web/web-deps.ts';

/** Counts hits of a key in a window; never throws. */
export interface Limiter {
  hit(
    key: string,
    limitPerWindow: number,
    windowMs: number,
  ): Promise<{ readonly allowed: boolean; readonly retryAfterSeconds: number }>;
}

export interface BrokerDeps {
  /** Issuer identifier, to the letter. */
  readonly issuer: string;
  readonly policies: Policies;
  readonly clock: Clock;
  readonly hashing: Hashing;
  readonly verifier: SubjectVerifier;
  readonly clientAssertions: ClientAssertionVerifier;
  readonly proofs: ProofVerifier;
  readonly replayGuard: ReplayGuard;
  /** Every proof must carry one of these, where a house wants them. */
  readonly nonces?: Nonces;
  readonly ledger: Pick<Ledger, 'note'>;
  readonly exchangeToken: ExchangeToken;
  readonly redeemHandle: RedeemHandle;
  readonly heldPolls: HeldPolls;
  readonly startBackchannel: StartBackchannel;
  readonly startDevice: StartDevice;
  readonly deviceDesk: DeviceDesk;
  readonly linkDesk: LinkDesk;
  readonly introspectToken: IntrospectToken;
  readonly introspectionSigner: IntrospectionSigner;
  /** What ended before its time: the pages of those who come later, */
  readonly revocations: Revocations;
  /** and what all who listen hear. */
  readonly revocationReader: RevocationReader;
  readonly signRevocation: SignRevocation;
  readonly statusLists: StatusLists;
  readonly revokeToken: RevokeToken;
  readonly submitRequest: SubmitRequest;
  readonly recordDecision: RecordDecision;
  readonly cancelRequest: CancelRequest;
  readonly revokeGrant: RevokeGrant;
  readonly reading: Reading;
  /** What helps to decide a request, and what was asked about it. */
  readonly facts: Facts;
  readonly questions: Pick<Questions, 'ofRequest'>;
  /** What the pages work with. */
  readonly web: WebDeps;
  /** Bounds what may be tried how often: against load, never for access. */
  readonly limiter: Limiter;
  /** The public JWK set of this moment. */
  readonly jwks: () => { readonly keys: readonly object[] };
  readonly wakes: Wakes;
  readonly changes: Changes;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly ops: OpsRoutes;
  /** Aborted when the program drains: held polls answer early. */
  readonly draining: AbortSignal;
  /** Whether a thrown thing is an outage the caller should retry, not a bug. */
  readonly isOutage: (thrown: unknown) => boolean;
}
