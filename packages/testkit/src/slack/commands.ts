/** What happens when a person sends a line: a slash command goes to the app, anything else is a message. */
import { notSent, outcomeOf } from './delivery.ts';
import { isRecord } from './limits.ts';
import { post, postEphemeral } from './messages.ts';
import type { AppInstall, Channel, Outcome, User, WorkspaceState } from './model.ts';
import type { Parts } from './parts.ts';
import { commandForm } from './payloads.ts';
import { issueResponseUrl, respond } from './response-urls.ts';
import { canSee, channelOf, userOf } from './store.ts';

/** Sends the line. `force` skips what Slack's client would not allow (strangers, deactivated people, bots). */
export async function typeLine(
  parts: Parts,
  userId: string,
  channelId: string,
  line: string,
  force: boolean,
): Promise<Outcome> {
  const user = userOf(parts.store, userId);
  const channel = channelOf(parts.store, channelId);
  const why = force ? undefined : mayNotType(user, channel);
  if (why) return notSent(why);
  const word = line.trim().split(/\s/)[0] ?? '';
  if (!word.startsWith('/')) return say(parts, user, channel, line);
  const command = parts.store.state.app.commands.find((c) => c.command === word);
  if (command && user.is_stranger && !force) return notSent('People of other companies cannot use this command.');
  if (!command) return unknownCommand(parts, user, channel, word);
  return runCommand(parts, user, channel, command, line.trim().slice(word.length).trim());
}

async function runCommand(
  parts: Parts,
  user: User,
  channel: Channel,
  command: AppInstall['commands'][number],
  typed: string,
): Promise<Outcome> {
  const { store } = parts;
  const text = command.should_escape ? withMentions(store.state, escapeText(typed)) : escapeText(typed);
  const from = { user: user.id, channel: channel.id };
  const responseUrl = `${parts.origin()}/response/${issueResponseUrl(store, from)}`;
  const triggerId = parts.triggers.issue(user.id);
  const payload = commandForm(store, { user, channel, command: command.command, text, triggerId, responseUrl });
  const answer = await parts.courier.send({ kind: 'command', payload });
  const error = answer.error ?? showAnswer(parts, from, answer.body);
  if (error === null) return outcomeOf(answer, null);
  const sentence = `${command.command} failed with the error "${error}"`;
  store.notice(user.id, channel.id, sentence);
  return outcomeOf(answer, sentence);
}

/** An answer in the acknowledgement itself: text, or a message. Null, or Slack's error for it. */
function showAnswer(parts: Parts, from: { user: string; channel: string }, body: unknown): string | null {
  if (body === null) return null;
  if (typeof body === 'string') return respond(parts.store, from, { text: body }).status === 200 ? null : 'no_text';
  if (!isRecord(body)) return 'invalid_command_response';
  return respond(parts.store, from, body).status === 200 ? null : 'invalid_command_response';
}

function unknownCommand(parts: Parts, user: User, channel: Channel, word: string): Outcome {
  const sentence = `${word} is not a valid command. In Slack, all messages that start with the "/" character are interpreted as commands.`;
  postEphemeral(parts.store, user.id, { channel: channel.id, text: sentence }, 'slackbot');
  return notSent(sentence);
}

function say(parts: Parts, user: User, channel: Channel, line: string): Outcome {
  if (channel.kind === 'im') return notSent('Sending messages to this app has been turned off.');
  if (!channel.members.includes(user.id)) return notSent('Join the channel to write in it.');
  if (line.trim() === '') return notSent(null);
  post(parts.store, { channel: channel.id, text: escapeText(line) }, user.id);
  return notSent(null);
}

function mayNotType(user: User, channel: Channel): string | undefined {
  if (user.deleted) return 'This account is deactivated.';
  if (user.is_bot) return 'A bot cannot type.';
  if (!canSee(user, channel)) return 'This person does not see that channel.';
  return channel.is_archived ? 'This channel is archived.' : undefined;
}

/** What a person typed, as Slack passes it on: the three control characters escaped, nothing else. */
export function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** `should_escape`: @name and #channel become ids with names. */
function withMentions(state: Readonly<WorkspaceState>, text: string): string {
  return text.replace(/(^|\s)([@#])([a-z0-9._-]+)/g, (whole, before: string, sign: string, name: string) => {
    if (sign === '#') {
      const channel = Object.values(state.channels).find((c) => c.name === name);
      return channel ? `${before}<#${channel.id}|${name}>` : whole;
    }
    const user = Object.values(state.users).find((u) => u.name === name && !u.is_stranger);
    return user ? `${before}<@${user.id}|${name}>` : whole;
  });
}
