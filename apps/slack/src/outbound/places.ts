/** Owns where messages go: the direct message channel of an account, whether a channel may take a card, links to messages. */
import type { Logger } from '@sallyport/platform';
import type { WebClient } from './clients.ts';
import { slackFailure } from './slack-error.ts';

export interface Places {
  /** The channel of the direct messages with this account. Throws what the call threw. */
  directMessage(user: string): Promise<string>;
  /** Whether the channel is shared with another company. Where Slack does not say, it is not. */
  isShared(channel: string): Promise<boolean>;
  /** A channel refused a card: it is not asked again for some minutes. */
  markUnusable(channel: string, code: string): void;
  /** Whether it did not refuse lately: what stands there is kept true. */
  reaches(channel: string): boolean;
  /** Whether a new card may go there, as far as is known without asking: never where other companies read. */
  takesNew(channel: string): boolean;
  /** Channels that refused lately. */
  unusable(): number;
  /** Link to a message, if the workspace's address is known. */
  linkTo(channel: string, ts: string): string | undefined;
}

/** What there is to know of channels. */
export type ChannelPlaces = Omit<Places, 'directMessage' | 'unusable'>;

export interface PlacesOptions {
  readonly client: WebClient;
  readonly logger: Logger;
  readonly workspaceUrl: () => string | undefined;
  readonly monotonicMs?: () => number;
}

const KEPT_MAX = 5_000;
const FACTS_MS = 600_000;
const UNUSABLE_MS = 300_000;

/** Makes the look-ups. Channels of direct messages never change; facts about channels are kept ten minutes. */
export function makePlaces({
  client,
  logger,
  workspaceUrl,
  monotonicMs = () => performance.now(),
}: PlacesOptions): Places {
  const directMessages = new Map<string, string>();
  const shared = new Map<string, { readonly is: boolean; readonly untilMs: number }>();
  const unusable = new Map<string, number>();

  function refusesNow(channel: string): boolean {
    const until = unusable.get(channel);
    if (until === undefined || monotonicMs() < until) return until !== undefined;
    unusable.delete(channel);
    logger.info('slack.channel_tried_again', { channel });
    return false;
  }

  return {
    async directMessage(user) {
      const known = directMessages.get(user);
      if (known !== undefined) return known;
      const answer = await client.conversations.open({ users: user });
      const id = answer.channel?.id;
      if (id === undefined) throw new Error('conversations.open without a channel');
      return keep(directMessages, user, id);
    },
    async isShared(channel) {
      const known = shared.get(channel);
      if (known !== undefined && monotonicMs() < known.untilMs) return known.is;
      const is = await askShared(client, channel);
      if (is === undefined) return false;
      if (is) logger.warn('slack.channel_shared', { channel });
      return keep(shared, channel, { is, untilMs: monotonicMs() + FACTS_MS }).is;
    },
    markUnusable(channel, code) {
      if (!unusable.has(channel)) logger.warn('slack.channel_unusable', { channel, code });
      keep(unusable, channel, monotonicMs() + UNUSABLE_MS);
    },
    reaches: (channel) => !refusesNow(channel),
    takesNew: (channel) => !refusesNow(channel) && shared.get(channel)?.is !== true,
    unusable: () => [...unusable.keys()].filter(refusesNow).length,
    linkTo(channel, ts) {
      const base = workspaceUrl();
      return base === undefined ? undefined : new URL(`archives/${channel}/p${ts.replace('.', '')}`, base).href;
    },
  };
}

/** Undefined where Slack does not say: a dead token or a pause is the caller's next call to find out. */
async function askShared(client: WebClient, channel: string): Promise<boolean | undefined> {
  try {
    const answer = await client.conversations.info({ channel });
    return answer.channel?.is_ext_shared === true;
  } catch (thrown) {
    return slackFailure(thrown).kind === 'refused' ? false : undefined;
  }
}

function keep<T>(kept: Map<string, T>, key: string, value: T): T {
  if (kept.size >= KEPT_MAX) kept.clear();
  kept.set(key, value);
  return value;
}
