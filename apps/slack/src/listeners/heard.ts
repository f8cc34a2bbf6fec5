/** Owns the shape of a listener: what it is handed, and that nothing it throws goes unanswered. */
import type { RespondFn } from '@slack/bolt';
import type { Desk } from '../desk.ts';
import { type Speak, speaker } from '../speak.ts';
import type { Sentence } from '../views/sentence.ts';
import { SAY } from '../views/sentences.ts';

/** A delivery that is acknowledged without content. */
export interface Heard {
  readonly body: unknown;
  readonly ack: () => Promise<void>;
  readonly respond: RespondFn | undefined;
}

/** Slack waits 3 s for the acknowledgement. */
const ACK_MS_MAX = 2_000;

export interface Who {
  readonly user: string;
  readonly respond: RespondFn | undefined;
  /** Where what is done must not be lost: acknowledged when it is done, or after 2 s. Absent: acknowledged before. */
  readonly ack?: () => Promise<void>;
}

/**
 * Runs a listener's work. What it throws is a fault: logged, and the person is told that nothing changed. A process that
 * dies before the acknowledgement has said nothing, so Slack shows the person that their click failed.
 */
export async function answering(
  desk: Desk,
  { user, respond, ack }: Who,
  work: (speak: Speak) => Promise<void>,
  onFault: Sentence = SAY.notSaved,
): Promise<void> {
  const speak = speaker(desk, user, respond);
  const acked = ack === undefined ? undefined : atLatest(ack, (err) => desk.logger.warn('slack.ack_failed', { err }));
  try {
    await work(speak);
  } catch (err) {
    desk.logger.error('slack.listener_failed', { user, err });
    await speak(onFault);
  } finally {
    await acked?.();
  }
}

/** Acknowledges once: when called, or by itself after 2 s. */
function atLatest(ack: () => Promise<void>, onFault: (err: unknown) => void): () => Promise<void> {
  let acking: Promise<void> | undefined;
  const once = (): Promise<void> => {
    clearTimeout(timer);
    acking ??= ack().catch(onFault);
    return acking;
  };
  const timer = setTimeout(() => void once(), ACK_MS_MAX);
  return once;
}
