/** Owns event deliveries: only what the app subscribed to, and again up to three times when it does not answer well. */
import { type Answer, notSent, outcomeOf } from './delivery.ts';
import { storeOf } from './installs.ts';
import type { Outcome } from './model.ts';
import type { Parts } from './parts.ts';
import { eventEnvelope } from './payloads.ts';

export interface Events {
  /** The first attempt's outcome; repetitions go on behind. */
  send(event: Record<string, unknown>, eventId?: string, team?: string): Promise<Outcome>;
  /** No more repetitions. */
  stop(): void;
}

/** Events over the parts; `retryDelaysMs` are shorter than Slack's (at once, 1 and 5 minutes). */
export function createEvents(parts: Parts, retryDelaysMs: readonly number[]): Events {
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;

  const again = (payload: Record<string, unknown>, num: number, last: Answer): void => {
    const delay = retryDelaysMs[num - 1];
    if (delay === undefined || last.error === null || last.no_retry || stopped) return;
    const timer = setTimeout(async () => {
      timers.delete(timer);
      const answer = await parts.courier.send({ kind: 'event', payload, retry: { num, reason: reasonOf(last) } });
      again(payload, num + 1, answer);
    }, delay);
    timer.unref();
    timers.add(timer);
  };

  return {
    async send(event, eventId, team) {
      const { events } = parts.store.state.app;
      if (!events.includes(String(event.type))) return notSent(`The app is not subscribed to ${String(event.type)}.`);
      const payload = eventEnvelope(team === undefined ? parts.store : storeOf(parts.store, team), event, eventId);
      const answer = await parts.courier.send({ kind: 'event', payload });
      again(payload, 1, answer);
      return outcomeOf(answer, null);
    },
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function reasonOf(answer: Answer): string {
  if (answer.late) return 'http_timeout';
  return answer.status === null ? 'connection_failed' : 'http_error';
}
