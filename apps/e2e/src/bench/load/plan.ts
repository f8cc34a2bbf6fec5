/** What the load generator is told, and what it answers: the messages between the two processes. */
import type { Spread } from '../statistics.ts';

interface Target {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A file of bodies, one a line: each is sent once, or, with `repeat`, again and again. */
export interface StreamPlan extends Target {
  readonly kind: 'closed' | 'open';
  readonly bodiesFile: string;
  readonly repeat: boolean;
  /** Closed: so many requests under way at any time. Open: at most so many. */
  readonly connections: number;
  readonly durationMs: number;
  /** Open only. */
  readonly ratePerSecond?: number;
  /** Where the bodies of the answers go, one a line. */
  readonly answersFile?: string;
}

/** Waits on many connections at once, and clicks when all of them wait. */
export interface HeldPlan extends Target {
  readonly kind: 'held';
  readonly bodiesFile: string;
  readonly clicks: readonly Click[];
  /** Between all waiters having asked and the first click. */
  readonly settleMs: number;
  /** A click is given up on after this. */
  readonly patienceMs: number;
  readonly answersFile?: string;
}

/** A decision, and how many waiters it lets go: one (by its line in the bodies file) or all. */
export interface Click {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly wakes: number | 'all';
}

/** Revokes by one door and asks at another until it hears no. */
export interface RevokePlan {
  readonly kind: 'revoke';
  readonly steps: readonly RevokeStep[];
  readonly patienceMs: number;
}

export interface Call extends Target {
  readonly body: string;
}

export interface RevokeStep {
  readonly revoke: Call;
  readonly asks: readonly Call[];
}

export type Plan = StreamPlan | HeldPlan | RevokePlan;

export interface StreamResult {
  readonly kind: 'stream';
  readonly requests: number;
  readonly seconds: number;
  /** Status -> how often. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly latencyMs: Spread;
}

export interface HeldResult {
  readonly kind: 'held';
  /** From sending the click to the token, per waiter that got one. */
  readonly clickToTokenMs: Spread;
  /** From sending the click to its own answer. */
  readonly clickAnswerMs: Spread;
  readonly tokens: number;
  /** Waiters that were told to go on waiting, and asked again. */
  readonly askedAgain: number;
  readonly statuses: Readonly<Record<string, number>>;
}

export interface RevokeResult {
  readonly kind: 'revoked';
  /** From the revoke answer to the first refusal, per place that was asked. */
  readonly refusedAfterMs: Spread;
  /** Answers that still said yes after the revoke answer. */
  readonly staleAnswers: number;
}

export type PlanResult = StreamResult | HeldResult | RevokeResult;

export type Reported =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'done'; readonly result: PlanResult };
