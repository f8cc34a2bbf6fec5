/** /device: where somebody takes on what a device without a browser asks (RFC 8628 section 3.3). */
import { type HandleId, parseHandleId, parseUserCode, type Refusal } from '@sallyport/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from '../../api/problem.ts';
import type { BrokerDeps } from '../../deps.ts';
import { type Form, param } from '../../oauth/form.ts';
import { sendErrorPage, sendRefusalPage } from '../error-pages.ts';
import { forPeople, forPeoplesForms, shownTo } from '../for-people.ts';
import { mayGuess } from '../guesses.ts';
import { html } from '../html.ts';
import { sendPage } from '../page.ts';
import { typedText } from '../posted-form.ts';
import type { SignedIn } from '../session.ts';
import { enterPage } from './enter-page.ts';
import { reviewPage } from './review-page.ts';
import { deniedPage, takenPage } from './state-page.ts';

const TYPED_SHOWN_MAX = 20;

/** Registers the pages and their forms. */
export function deviceRoutes(app: FastifyInstance, deps: BrokerDeps): void {
  const schema = { hide: true };
  app.get('/device', { schema }, forPeople(deps, enter));
  app.post(
    '/device',
    { schema },
    forPeoplesForms(deps, (who, form, _, reply) => find(deps, who, form, reply)),
  );
  app.get(
    '/device/:id',
    { schema },
    forPeople(deps, (who, request, reply) => show(deps, who, idIn(request), reply)),
  );
  app.post(
    '/device/:id',
    { schema },
    forPeoplesForms(deps, (who, form, request, reply) => choose(deps, who, idIn(request), form, reply)),
  );
}

function idIn({ params }: FastifyRequest): HandleId | undefined {
  return parseHandleId((params as Readonly<Record<string, string>>).id ?? '');
}

/** A code in the address is typed for them, and no more: they still have to send it. */
async function enter(who: SignedIn, { query }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { user_code: given } = query as Readonly<Record<string, unknown>>;
  const code = typeof given === 'string' ? given.slice(0, TYPED_SHOWN_MAX) : '';
  return sendPage(reply, enterPage(shownTo(who), { code }));
}

async function find(deps: BrokerDeps, who: SignedIn, form: Form, reply: FastifyReply): Promise<FastifyReply> {
  const typed = typedText(form, 'user_code');
  const again = (problem: string) =>
    sendPage(reply, enterPage(shownTo(who), { code: typed.slice(0, TYPED_SHOWN_MAX), problem }));
  const code = parseUserCode(typed);
  if (code === undefined) return again('A code is eight letters, like WDJB-MJHT.');
  const within = await mayGuess(deps, who, 'device');
  if (!within.ok) return sendRefusalPage(deps, reply, within.error, { who: shownTo(who) });
  const found = await deps.deviceDesk.find(code, who.person, who.by);
  if (found.ok) return reply.header('cache-control', 'no-store').redirect(`/device/${found.value}`, 303);
  return again(
    found.error.code === 'handle_expired'
      ? 'This code is too old. Start again on your device.'
      : 'No device shows this code. Look again, or start again on your device.',
  );
}

async function show(
  deps: BrokerDeps,
  who: SignedIn,
  id: HandleId | undefined,
  reply: FastifyReply,
  typed: { readonly reason?: string; readonly problem?: string } = {},
): Promise<FastifyReply> {
  const seen = id === undefined ? undefined : await deps.deviceDesk.look(id, who.person);
  if (seen?.ok !== true) return refuse(deps, who, seen?.error ?? { code: 'handle_unknown' }, reply);
  const { value: view, at } = seen.value;
  switch (view.kind) {
    case 'open':
      return sendPage(reply, reviewPage({ ...view, who: shownTo(who), entry: who.entry, at, ...typed }));
    case 'taken':
      return sendPage(reply, takenPage(shownTo(who), view.handle, at));
    case 'denied':
      return sendPage(reply, deniedPage(shownTo(who), view.device));
  }
}

async function choose(
  deps: BrokerDeps,
  who: SignedIn,
  id: HandleId | undefined,
  form: Form,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (id === undefined) return refuse(deps, who, { code: 'handle_unknown' }, reply);
  const reason = typedText(form, 'reason');
  // Anything but the one word is no yes.
  const chosen =
    param(form, 'choice') === 'continue'
      ? await deps.deviceDesk.take(id, who.person, reason, who.by)
      : await deps.deviceDesk.deny(id, who.person, who.by);
  if (chosen.ok) return reply.header('cache-control', 'no-store').redirect(`/device/${id}`, 303);
  const { code } = chosen.error;
  if (code !== 'justification_too_short' && code !== 'malformed') return refuse(deps, who, chosen.error, reply);
  const { title, detail = title } = problemOf(chosen.error);
  return show(deps, who, id, reply, { reason, problem: detail });
}

function refuse(deps: BrokerDeps, who: SignedIn, refusal: Refusal, reply: FastifyReply): FastifyReply {
  const next = html`<div class="actions"><a class="button" href="/device">Type a code</a></div>`;
  if (refusal.code !== 'handle_unknown' && refusal.code !== 'handle_expired')
    return sendRefusalPage(deps, reply, refusal, { next, who: shownTo(who) });
  const words = {
    status: 404,
    title: 'No such device',
    text: 'Its code is too old, was used by somebody else, or never was. Start again on your device.',
    next,
  };
  return sendErrorPage(reply, words, shownTo(who));
}
