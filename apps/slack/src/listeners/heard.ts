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

/** Runs after the acknowledgement. What it throws is a fault: logged, and the person is told that nothing changed. */
export async function answering(
  desk: Desk,
  who: { readonly user: string; readonly respond: RespondFn | undefined },
  work: (speak: Speak) => Promise<void>,
  onFault: Sentence = SAY.notSaved,
): Promise<void> {
  const speak = speaker(desk, who.user, who.respond);
  try {
    await work(speak);
  } catch (err) {
    desk.logger.error('slack.listener_failed', { user: who.user, err });
    await speak(onFault);
  }
}
