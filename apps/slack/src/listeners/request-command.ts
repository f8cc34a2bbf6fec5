/** The slash command: opens the form, or `help`, `list`, `revoke <id>`, `unlink`. */
import {
  type GrantId,
  type PersonId,
  parseGrantId,
  parseRequestId,
  person,
  type RequestId,
  requestStateAt,
} from '@sallyport/core';
import { attribution, type Desk } from '../desk.ts';
import { readCommand, type SeenCommand } from '../payload.ts';
import type { Speak } from '../speak.ts';
import { helpText, listSentence, USAGE } from '../views/command-text.ts';
import { typed } from '../views/limits.ts';
import { type Drawn, phaseOf } from '../views/phase.ts';
import { SAY, sentenceFor } from '../views/sentences.ts';
import { unescapeTyped } from '../views/text.ts';
import { choicesOf, readWords } from './command-words.ts';
import { unlinkByCommand } from './connect.ts';
import { answering, type Heard } from './heard.ts';
import { openForm } from './open-form.ts';
import { personOrTell } from './who.ts';

const LISTED_MAX = 10;
const LOOKED_AT = 50;

/** `/request-access [resource] [duration] [for who] [reason] | help | list | revoke <id> | unlink`. Those words win over resource ids. */
export async function requestCommand(desk: Desk, { body, ack, respond }: Heard): Promise<void> {
  await ack();
  const command = readCommand(body);
  await answering(desk, { user: command.actor.user, respond }, async (speak) => {
    const text = unescapeTyped(command.text).trim();
    if (text.length > typed.command) return speak(USAGE);
    const [word = '', ...rest] = text.split(/\s+/);
    if (word === 'help') return speak(helpText());
    if (word === 'list') return list(desk, command, speak);
    if (word === 'unlink' && rest.length === 0) return unlinkByCommand(desk, command.actor, speak);
    if (word === 'revoke') return revokeById(desk, command, rest, speak);
    const words = readWords(text);
    if (words === 'usage') return speak(USAGE);
    const chosen = async (id: PersonId) => choicesOf(desk.policies.inForce(), id, words);
    await openForm(desk, { ...command, chosen }, speak);
  });
}

/** Own pending requests, own active access, and what waits for this person. */
async function list(desk: Desk, { actor }: SeenCommand, speak: Speak): Promise<void> {
  const id = await personOrTell(desk, actor, { live: false, attempted: 'list' }, speak);
  if (id === undefined) return;
  const policy = desk.policies.inForce();
  const { value, at } = await desk.reading.requests(person(id), policy, { limit: LOOKED_AT });
  const open = value.items
    .map((c): Drawn => ({ case: c, at }))
    .filter((drawn) => ['pending', 'later', 'active'].includes(phaseOf(drawn)));
  const waiting = (await desk.reading.waitingFor(id)).value.map((c): Drawn => ({ case: c, at }));
  const more = Math.max(0, open.length - LISTED_MAX) + Math.max(0, waiting.length - LISTED_MAX);
  await speak(listSentence(open.slice(0, LISTED_MAX), waiting.slice(0, LISTED_MAX), more));
}

/** Ends a grant, or takes a pending request back. */
async function revokeById(desk: Desk, { actor }: SeenCommand, rest: readonly string[], speak: Speak): Promise<void> {
  const which = rest.length === 1 ? whichOf(rest[0] ?? '') : undefined;
  if (which === undefined) return speak(USAGE);
  const id = await personOrTell(desk, actor, { live: false, lenient: true, attempted: 'revoke' }, speak);
  if (id === undefined) return;
  const by = attribution(actor, id);
  const pending = 'request' in which && (await isPending(desk, which.request));
  const done = pending
    ? await desk.cancelRequest(which.request, person(id), by)
    : await desk.revokeGrant(which, person(id), by);
  if (!done.ok) {
    const { error } = done;
    const policy = desk.policies.inForce();
    return speak(error.code === 'request_unknown' ? SAY.cantEnd : sentenceFor(error, { policy }));
  }
  desk.redraw(done.value.case.request.id, { force: false });
  await speak(pending ? SAY.canceled : SAY.ended);
}

function whichOf(text: string): { readonly grant: GrantId } | { readonly request: RequestId } | undefined {
  const grant = parseGrantId(text);
  if (grant !== undefined) return { grant };
  const request = parseRequestId(text);
  return request === undefined ? undefined : { request };
}

async function isPending(desk: Desk, id: RequestId): Promise<boolean> {
  const seen = await desk.ledger.find(id);
  return seen !== undefined && requestStateAt(seen.value.request, seen.at.now) === 'pending';
}
