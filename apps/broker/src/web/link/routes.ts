/** /link/slack: where somebody who signed in takes a Slack account as theirs, with the code that account was told. */
import type { Refusal } from '@sallyport/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BrokerDeps } from '../../deps.ts';
import { type Form, param } from '../../oauth/form.ts';
import { sendErrorPage, sendRefusalPage } from '../error-pages.ts';
import { forPeople, forPeoplesForms, shownTo } from '../for-people.ts';
import { mayGuess } from '../guesses.ts';
import { sendPage } from '../page.ts';
import { typedText } from '../posted-form.ts';
import type { SignedIn } from '../session.ts';
import { BOUND, boundPage, declinedPage, LINK_PATH, linkedPage, linkPage, NO_OFFER } from './link-page.ts';

/** Refusals that all mean: this link is of no use. Which of them it was is in the trail. */
const OF_NO_USE: ReadonlySet<Refusal['code']> = new Set(['handle_unknown', 'handle_expired', 'too_many']);
const WRONG_CODE = 'That is not the code. Look again at the newest direct message Sallyport sent you in Slack.';

/** Registers the page and its form. */
export function linkRoutes(app: FastifyInstance, deps: BrokerDeps): void {
  const schema = { hide: true };
  app.get(
    LINK_PATH,
    { schema },
    forPeople(deps, (who, request, reply) => open(deps, who, request, reply)),
  );
  app.post(
    LINK_PATH,
    { schema },
    forPeoplesForms(deps, (who, form, _, reply) => choose(deps, who, form, reply)),
  );
}

/** Without a code: what is linked to whoever looks. */
async function open(
  deps: BrokerDeps,
  who: SignedIn,
  { query }: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { code } = query as Readonly<Record<string, unknown>>;
  if (typeof code !== 'string') return status(deps, who, reply);
  const within = await mayGuess(deps, who, 'link');
  if (!within.ok) return sendRefusalPage(deps, reply, within.error, { who: shownTo(who) });
  return show(deps, who, code, reply);
}

async function status(deps: BrokerDeps, who: SignedIn, reply: FastifyReply): Promise<FastifyReply> {
  const { slack } = who.entry;
  if (slack !== undefined) return sendPage(reply, boundPage(shownTo(who), slack));
  return sendPage(reply, linkedPage(shownTo(who), await deps.linkDesk.linkOf(who.person), deps.clock.now()));
}

async function show(
  deps: BrokerDeps,
  who: SignedIn,
  code: string,
  reply: FastifyReply,
  problem?: string,
): Promise<FastifyReply> {
  const seen = await deps.linkDesk.look(code, who.person, who.by);
  if (!seen.ok) return refuse(deps, who, seen.error, reply);
  const { value: view, at } = seen.value;
  const page = { ...view, who: shownTo(who), now: at.now, code };
  return sendPage(reply, linkPage(problem === undefined ? page : { ...page, problem }));
}

async function choose(deps: BrokerDeps, who: SignedIn, form: Form, reply: FastifyReply): Promise<FastifyReply> {
  const code = param(form, 'code') ?? '';
  // Anything but the one word is no yes.
  if (param(form, 'choice') !== 'link') {
    await deps.linkDesk.decline(code, who.by);
    return sendPage(reply, declinedPage(shownTo(who)));
  }
  const within = await mayGuess(deps, who, 'link');
  if (!within.ok) return sendRefusalPage(deps, reply, within.error, { who: shownTo(who) });
  const linked = await deps.linkDesk.confirm(code, typedText(form, 'confirmation'), who.person, who.by);
  if (linked.ok) return reply.header('cache-control', 'no-store').redirect(LINK_PATH, 303);
  if (linked.error.code !== 'proof_rejected') return refuse(deps, who, linked.error, reply);
  return show(deps, who, code, reply, WRONG_CODE);
}

function refuse(deps: BrokerDeps, who: SignedIn, refusal: Refusal, reply: FastifyReply): FastifyReply {
  deps.logger.info('web.refused', { traceId: reply.request.id, code: refusal.code });
  if (OF_NO_USE.has(refusal.code)) return sendErrorPage(reply, NO_OFFER, shownTo(who));
  if (refusal.code === 'identity_rejected' && refusal.why === 'bound_by_policy')
    return sendErrorPage(reply, BOUND, shownTo(who));
  return sendRefusalPage(deps, reply, refusal, { who: shownTo(who) });
}
