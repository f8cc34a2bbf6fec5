/** Owns the waiting for a token: polls at the pace the broker asks for, through outages, until an answer or the end of the time. */
import { err, ok, type Result } from '@sallyport/core';
import { EXIT } from './exit-codes.ts';
import type { Surroundings } from './surroundings.ts';
import type { IssuedToken, TokenAnswer, TokenAsk, TokenEndpoint, Waiting } from './token-endpoint.ts';
import type { Trouble } from './trouble.ts';

/** RFC 8628 section 3.5: five seconds unless told otherwise, and five more at every `slow_down`. */
const INTERVAL_SECONDS = 5;
const SLOW_DOWN_SECONDS = 5;
/** A handle that ended within this of its announced end ended by its own time, not with its request. */
const HANDLE_END_MS = 2_000;

export interface Wait {
  readonly endpoint: TokenEndpoint;
  readonly ask: TokenAsk;
  /** How long in all, in ms; 0: one exchange, no waiting. */
  readonly waitMs: number;
  readonly clock: Pick<Surroundings, 'now' | 'sleep'>;
  /** Told before every pause: what is waited for, and how much time is left. */
  readonly onPause: (why: string, leftMs: number) => void;
}

interface State {
  readonly intervalSeconds: number;
  readonly requestId?: string;
  readonly handle?: { readonly code: string; readonly endsAtMs: number };
}

/** Exchanges, and waits if it must. Trouble `pending` (exit 3): the time ran out while nobody had decided. */
export async function waitForToken(wait: Wait): Promise<Result<IssuedToken, Trouble>> {
  const { clock, waitMs } = wait;
  const endMs = clock.now() + waitMs;
  let state: State = { intervalSeconds: INTERVAL_SECONDS };
  for (;;) {
    const answered = await ask(wait, state);
    if (answered.ok) {
      if (answered.value.kind === 'issued') return ok(answered.value.token);
      state = follow(state, answered.value, clock.now());
    } else if (!isPassing(answered.error, state, waitMs)) return answered;
    const leftMs = endMs - clock.now();
    if (leftMs <= 0) return answered.ok ? err(stillPending(state, waitMs)) : answered;
    const pauseMs = pauseFor(answered, state);
    wait.onPause(reasonOf(answered, state), leftMs);
    // The last poll comes at the end of the time: a decision beats `slow_down`.
    await clock.sleep(Math.min(pauseMs, leftMs));
  }
}

/** With a handle: polls. Without one, or when its own time is over: exchanges. */
async function ask({ endpoint, ask, clock }: Wait, state: State): Promise<Result<TokenAnswer, Trouble>> {
  const { handle, requestId } = state;
  const exchange = () => endpoint.exchange(requestId === undefined ? ask : { ...ask, requestId });
  if (handle === undefined) return exchange();
  const polled = await endpoint.poll(handle.code);
  const ranOut = !polled.ok && polled.error.code === 'expired_token' && clock.now() >= handle.endsAtMs - HANDLE_END_MS;
  if (!ranOut) return polled;
  // The handle is over, its request perhaps not: ask for another one while the subject token is still good.
  const again = await exchange();
  return again.ok || again.error.code !== 'token_rejected' ? again : polled;
}

/** Whether to go on after this trouble: an outage passes. Before anything was answered only a "not now" does. */
function isPassing(trouble: Trouble, state: State, waitMs: number): boolean {
  if (waitMs === 0 || trouble.retryAfterSeconds === undefined) return false;
  return trouble.code !== 'unreachable' || state.handle !== undefined;
}

function follow(state: State, answer: Waiting, nowMs: number): State {
  const slower = answer.kind === 'slow_down' ? SLOW_DOWN_SECONDS : 0;
  const { handle, requestId = state.requestId } = answer;
  const held = handle === undefined ? state.handle : { code: handle.code, endsAtMs: endOf(handle.secondsLeft, nowMs) };
  return {
    intervalSeconds: answer.intervalSeconds ?? state.intervalSeconds + slower,
    ...(requestId === undefined ? {} : { requestId }),
    ...(held === undefined ? {} : { handle: held }),
  };
}

function endOf(secondsLeft: number | undefined, nowMs: number): number {
  return secondsLeft === undefined ? Number.POSITIVE_INFINITY : nowMs + secondsLeft * 1_000;
}

function pauseFor(answered: Result<TokenAnswer, Trouble>, state: State): number {
  const asked = answered.ok ? 0 : (answered.error.retryAfterSeconds ?? 0);
  // Before there is a handle, only the outage sets the pace.
  const own = !answered.ok && state.handle === undefined ? 1 : state.intervalSeconds;
  return Math.max(own, asked) * 1_000;
}

function reasonOf(answered: Result<TokenAnswer, Trouble>, { requestId }: State): string {
  return answered.ok ? `waiting for approval of ${requestId ?? 'the request'}` : answered.error.message;
}

function stillPending({ requestId }: State, waitMs: number): Trouble {
  const which = requestId ?? 'the request';
  return {
    exit: EXIT.pending,
    code: 'pending',
    message:
      waitMs === 0
        ? `${which} is waiting for approval`
        : `the time is over, and ${which} is still waiting for approval`,
    next:
      waitMs === 0
        ? 'Add --wait 10m to wait for it.'
        : `It stays open. Ask again later${requestId === undefined ? '' : ` with --request-id ${requestId}`}.`,
  };
}
