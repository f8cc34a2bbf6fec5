/** The doctor's look at the channels a policy names: the bot is a member, they are not archived, no other company reads along. */
import type { Policy } from '@sallyport/core';
import { z } from 'zod';
import { type Finding, fine, skipped, wrong } from './finding.ts';
import type { SlackCall, SlackNo } from './slack-api.ts';
import { saidFor } from './slack-words.ts';

const CHANNELS_MAX = 200;
const NAMED_MAX = 3;
const info = z.looseObject({
  channel: z.looseObject({
    name: z.string().max(200).optional(),
    is_member: z.boolean().optional(),
    is_archived: z.boolean().optional(),
    is_ext_shared: z.boolean().optional(),
  }),
});

/** Whom to ask about channels of a team, or where none is named; undefined: nobody. */
export type CallFor = (team: string | undefined) => SlackCall | undefined;

interface Named {
  readonly channel: string;
  readonly team: string | undefined;
  /** Ids of resources. */
  readonly uses: readonly string[];
}

/** One finding for each channel, one after the other: Slack limits how often it may be asked. */
export async function channelFindings(policy: Policy, callFor: CallFor): Promise<readonly Finding[]> {
  const channels = channelsOf(policy);
  if (channels.length === 0) return [skipped('channels', 'the policy names none: approvers get direct messages')];
  const findings: Finding[] = [];
  for (const named of channels.slice(0, CHANNELS_MAX)) {
    const call = callFor(named.team);
    findings.push(call === undefined ? unplaced(named) : await channelFinding(named, call));
  }
  const rest = channels.length - CHANNELS_MAX;
  return rest > 0 ? [...findings, skipped('channels', `${rest} more were not looked at`)] : findings;
}

/** A policy may name one more channel, for cards no other takes. */
const withFallback = z.looseObject({ slack: z.looseObject({ fallbackChannel: z.string() }) });

/** Every channel once, with what it is for. */
function channelsOf(policy: Policy): readonly Named[] {
  const channels = new Map<string, Named>();
  const fallback = withFallback.safeParse(policy).data?.slack.fallbackChannel;
  const last = { id: 'cards no other channel takes', slackChannel: fallback, slackTeam: undefined };
  for (const { id, slackChannel: channel, slackTeam: team } of [...policy.resources, last]) {
    if (channel === undefined) continue;
    const key = `${team ?? ''}/${channel}`;
    channels.set(key, { channel, team, uses: [...(channels.get(key)?.uses ?? []), id] });
  }
  return [...channels.values()];
}

function unplaced({ channel, team, uses }: Named): Finding {
  const what = `for ${listed(uses)}`;
  if (team === undefined) {
    const next = 'Say in the policy which: slack: { channel: …, team: T… }';
    return wrong(`#${channel}`, `${what}: there are several workspaces, and none is the usual one`, next);
  }
  return wrong(`#${channel}`, `${what}: no token for ${team} works`, 'Install the app there: /slack/install');
}

async function channelFinding({ channel, uses }: Named, call: SlackCall): Promise<Finding> {
  const name = `#${channel}`;
  const answered = await call('conversations.info', { channel });
  if (!answered.ok) return unread(name, uses, answered.error);
  const seen = info.safeParse(answered.value.body);
  if (!seen.success) return wrong(name, 'conversations.info does not describe it', 'Check SLACK_API_URL.');
  const { name: spoken = channel, is_member: member, is_archived: archived, is_ext_shared: shared } = seen.data.channel;
  const what = `${spoken}, for ${listed(uses)}`;
  if (archived === true) {
    return wrong(name, `${what}: is archived`, 'Unarchive it, or name another channel in the policy.');
  }
  if (shared === true) {
    const next = 'Name a channel of your own in the policy; until then approvers get direct messages.';
    return wrong(name, `${what}: is shared with another company, no card is put there`, next);
  }
  if (member !== true)
    return wrong(name, `${what}: the bot is not a member`, `In the channel, type: /invite @Sallyport`);
  return fine(name, `${what}: the bot is a member`);
}

function unread(name: string, uses: readonly string[], no: SlackNo): Finding {
  const what = `for ${listed(uses)}`;
  if (no.kind === 'refused' && no.code === 'channel_not_found') {
    const next = 'Check the id; in a private channel, type: /invite @Sallyport';
    return wrong(name, `${what}: Slack knows no such channel, or it is private and the bot is not a member`, next);
  }
  const next = 'Ask again; if it stays, compare the scopes with infra/slack/manifest.yaml.';
  return wrong(name, `${what}: ${saidFor('conversations.info', no)}`, next);
}

/** `a, b, c and 2 more`. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_MAX).join(', ');
  return names.length > NAMED_MAX ? `${shown} and ${names.length - NAMED_MAX} more` : shown;
}
