/** Owns the in-memory house: every port of the core over one set of rows, with a clock and a policy set by hand. */
import type {
  Devices,
  EndedBits,
  Facts,
  Handles,
  Issuances,
  Ledger,
  LiveTokens,
  Policies,
  Policy,
  Questions,
  ReplayGuard,
  Revocations,
  Sessions,
  SlackLinks,
  StatusBits,
} from '@sallyport/core';
import { aPolicy } from './builders.ts';
import { type FixedClock, fixedClock } from './fixed-clock.ts';
import { memoryDevices } from './memory-devices.ts';
import { memoryFacts } from './memory-facts.ts';
import { memoryHandles } from './memory-handles.ts';
import { memoryIssuances } from './memory-issuances.ts';
import { memoryLedger } from './memory-ledger.ts';
import { memoryLiveTokens } from './memory-live-tokens.ts';
import { memoryQuestions } from './memory-questions.ts';
import { memoryReplayGuard } from './memory-replay-guard.ts';
import { memoryRevocations } from './memory-revocations.ts';
import { memorySessions } from './memory-sessions.ts';
import { memorySlackLinks } from './memory-slack-links.ts';
import { memoryEndedBits, memoryStatuses } from './memory-statuses.ts';
import { type MemoryStore, makeStore } from './memory-store.ts';

export interface MemoryPolicies extends Policies {
  /** Puts a version in force: the next read and the next transaction judge by it. */
  put(policy: Policy): void;
}

export interface MemoryWorld {
  readonly clock: FixedClock;
  readonly policies: MemoryPolicies;
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
  /** The rows, `audit` and `outbox` among them: to be read by assertions. */
  readonly store: MemoryStore;
}

export interface MemoryWorldOptions {
  readonly clock?: FixedClock;
  readonly policy?: Policy;
  /** Called before every operation with its name: a scheduler decides here who goes first. */
  readonly turn?: (label: string) => Promise<void>;
}

/** A house without processes. The policy starts as the example. */
export function memoryWorld(options: MemoryWorldOptions = {}): MemoryWorld {
  const clock = options.clock ?? fixedClock();
  let inForce = options.policy ?? aPolicy();
  const policies: MemoryPolicies = {
    inForce: () => inForce,
    put: (policy) => {
      inForce = policy;
    },
  };
  const turn = options.turn === undefined ? {} : { turn: options.turn };
  const store = makeStore({ clock, policy: policies.inForce, ...turn });
  return {
    clock,
    policies,
    ledger: memoryLedger(store),
    issuances: memoryIssuances(store),
    handles: memoryHandles(store),
    replayGuard: memoryReplayGuard(store),
    sessions: memorySessions(store),
    devices: memoryDevices(store),
    slackLinks: memorySlackLinks(store),
    questions: memoryQuestions(store),
    facts: memoryFacts(store),
    statuses: memoryStatuses(store),
    endedBits: memoryEndedBits(store),
    revocations: memoryRevocations(store),
    liveTokens: memoryLiveTokens(store),
    store,
  };
}
