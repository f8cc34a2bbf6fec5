/** Owns the calls that make one message true in Slack: look for a lost one, update it, or post it. */
import type { Message } from '../views/blocks.ts';
import { type DeliverDeps, type Delivered, type DeliverJob, HELD, type Place } from './delivered.ts';
import { findLostMessage } from './lost-message.ts';
import { opaqueKey } from './message-key.ts';
import { slackFailure } from './slack-error.ts';
import type { Claim, StoredMessage } from './stores.ts';

const OUR_BUG = new Set(['invalid_blocks', 'invalid_blocks_format', 'msg_too_long', 'msg_blocks_too_long']);
/** There is nothing to update any more, or it is not ours to update. */
const GONE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);

const GONE_MS = 100;

/** Brings it there. Throws what a call threw: judging that is the caller's. */
export async function bring(deps: DeliverDeps, job: DeliverJob, claim: Claim, channel: string): Promise<Delivered> {
  const message = job.planned.draw(
    job.card === undefined ? undefined : deps.places.linkTo(job.card.channel, job.card.ts),
  );
  const ts = claim.message.ts ?? (await adopt(deps, job, claim.message, channel));
  if (ts === undefined && job.planned.onlyIfThere === true) {
    await deps.messages.forget(claim);
    return { kind: 'dropped' };
  }
  if (ts === undefined) return post(deps, job, message, { claim, channel });
  if (await update(deps, job, message, { channel, ts })) return { kind: 'shown', place: { channel, ts } };
  // Gone: what is known of it is forgotten, and the next pass posts anew.
  await deps.messages.forget(claim);
  return { kind: 'later', ms: GONE_MS, failed: false };
}

/** A post was begun and its answer never came: the oldest message with our key is ours, any other a repetition. */
async function adopt(
  { client, logger }: DeliverDeps,
  { planned, card }: DeliverJob,
  { attemptedAt }: StoredMessage,
  channel: string,
): Promise<string | undefined> {
  if (attemptedAt === undefined) return undefined;
  const threadTs = planned.destination.to === 'thread' ? card?.ts : undefined;
  const [oldest, ...others] = await findLostMessage(client, {
    channel,
    attemptedAt,
    opaqueKey: opaqueKey(planned.key),
    ...(threadTs === undefined ? {} : { threadTs }),
  });
  for (const ts of others) {
    await client.chat
      .delete({ channel, ts })
      .catch((err: unknown) => logger.warn('slack.delete_failed', { channel, err }));
  }
  return oldest;
}

/** Returns false when the message is gone. */
async function update(deps: DeliverDeps, job: DeliverJob, message: Message, place: Place): Promise<boolean> {
  try {
    await withoutBugs(deps, job, message, (drawn) => deps.client.chat.update({ ...place, ...wire(job, drawn) }));
    return true;
  } catch (thrown) {
    const failure = slackFailure(thrown);
    if (failure.kind === 'refused' && GONE.has(failure.code)) return false;
    throw thrown;
  }
}

async function post(
  deps: DeliverDeps,
  job: DeliverJob,
  message: Message,
  { claim, channel }: { readonly claim: Claim; readonly channel: string },
): Promise<Delivered> {
  if (!(await deps.messages.attempting(claim, channel))) return HELD;
  const threadTs = job.planned.destination.to === 'thread' ? job.card?.ts : undefined;
  const answer = await withoutBugs(deps, job, message, (drawn) =>
    deps.client.chat.postMessage({
      channel,
      ...wire(job, drawn),
      unfurl_links: false,
      unfurl_media: false,
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    }),
  );
  if (answer.ts === undefined) throw new Error('chat.postMessage without a ts');
  return { kind: 'shown', place: { channel: answer.channel ?? channel, ts: answer.ts } };
}

function wire({ planned }: DeliverJob, { text, blocks }: Message) {
  return {
    text,
    blocks: [...blocks],
    metadata: { event_type: 'sallyport', event_payload: { key: opaqueKey(planned.key) } },
    parse: 'none' as const,
    link_names: false,
  };
}

/** Blocks Slack refuses are our bug: say so, and let at least the text arrive. */
async function withoutBugs<T>(
  { logger }: DeliverDeps,
  { planned }: DeliverJob,
  message: Message,
  send: (message: Message) => Promise<T>,
): Promise<T> {
  try {
    return await send(message);
  } catch (thrown) {
    const failure = slackFailure(thrown);
    if (failure.kind !== 'refused' || !OUR_BUG.has(failure.code)) throw thrown;
    logger.error('slack.blocks_refused', { key: planned.key, code: failure.code });
    return send({ text: message.text, blocks: [] });
  }
}
