/** /requests: where people read a request and decide it, cancel it, or end what came of it; the same use cases as Slack and REST. */
import { parseRequestId, type RequestId } from '@sallyport/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BrokerDeps } from '../../deps.ts';
import { type ErrorWords, sendErrorPage } from '../error-pages.ts';
import { forPeople, forPeoplesForms, shownTo } from '../for-people.ts';
import { html } from '../html.ts';
import { sendToSignIn } from '../login.ts';
import { sendPage } from '../page.ts';
import { REQUESTS, requestPath } from '../paths.ts';
import type { SignedIn } from '../session.ts';
import { purposeOf } from '../sign-in-purpose.ts';
import { act } from './act.ts';
import { aroundOf } from './around.ts';
import { DECISION } from './forms.ts';
import { type Less, lessIn, lessQuery } from './less.ts';
import { listPage } from './list-page.ts';
import { requestPage, type Told } from './request-page.ts';
import { seenRequest } from './seen-request.ts';
import { revisionIn, STALE } from './told.ts';

const LISTED_MAX = 30;

/** Registers the pages and their forms. */
export function requestRoutes(app: FastifyInstance, deps: BrokerDeps): void {
  const schema = { hide: true };
  app.get(
    REQUESTS,
    { schema },
    forPeople(deps, (who, _, reply) => list(deps, who, reply)),
  );
  app.get(
    `${REQUESTS}/:id`,
    { schema },
    forPeople(deps, (who, request, reply) => look(deps, who, request, reply)),
  );
  app.post(
    `${REQUESTS}/:id`,
    { schema },
    forPeoplesForms(deps, async (who, form, request, reply) => {
      const id = idIn(request);
      const done = id === undefined ? 'unknown' : await act(deps, who, id, form);
      if (done === 'unknown' || id === undefined) return unknown(who, reply);
      if (done !== 'done') return show(deps, who, id, reply, done);
      return reply.header('cache-control', 'no-store').redirect(requestPath(id), 303);
    }),
  );
  app.get(
    `${REQUESTS}/:id/sign-in`,
    { schema },
    forPeople(deps, (who, request, reply) => signInAgain(deps, who, request, reply)),
  );
}

async function list(deps: BrokerDeps, who: SignedIn, reply: FastifyReply): Promise<FastifyReply> {
  const { reading, policies } = deps;
  const [waiting, own] = await Promise.all([
    reading.waitingFor(who.person.id),
    reading.requests(who.person, policies.inForce(), { limit: LISTED_MAX }),
  ]);
  const shown = { value: waiting.value.slice(0, LISTED_MAX), at: waiting.at };
  return sendPage(reply, listPage(shownTo(who), shown, { value: own.value.items, at: own.at }));
}

async function look(
  deps: BrokerDeps,
  who: SignedIn,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const id = idIn(request);
  return id === undefined ? unknown(who, reply) : show(deps, who, id, reply, choiceIn(request));
}

/** What they chose, of which revision, and what they are told beside the request itself. */
interface Shown extends Told {
  readonly revision?: number;
  readonly less?: Less;
}

async function show(
  deps: BrokerDeps,
  who: SignedIn,
  id: RequestId,
  reply: FastifyReply,
  { revision, less, ...told }: Shown,
): Promise<FastifyReply> {
  const read = await deps.reading.request(id, who.person);
  if (!read.ok) return unknown(who, reply);
  // A choice of another revision is none of this one: its scopes have other places.
  const stale = revision !== undefined && revision !== read.value.value.request.revision;
  const seen = seenRequest(read.value, who, stale ? undefined : less, deps.hashing.digestOf);
  const around = await aroundOf(deps, seen.case, { history: seen.may.decide });
  return sendPage(reply, requestPage(seen, around, stale ? { problem: STALE, ...told } : told));
}

/** Off to the issuer, to authenticate anew for exactly what they would approve; whoever may not is shown the request. */
async function signInAgain(
  deps: BrokerDeps,
  who: SignedIn,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const id = idIn(request);
  const read = id === undefined ? undefined : await deps.reading.request(id, who.person);
  if (id === undefined || read?.ok !== true) return unknown(who, reply);
  const { revision, less } = choiceIn(request);
  const seen = seenRequest(read.value, who, less, deps.hashing.digestOf);
  const next = `${requestPath(id)}?${lessQuery(revision ?? 0, less)}#${DECISION}`;
  const isCurrent = revision === seen.case.request.revision;
  if (!isCurrent || !seen.may.decide || seen.stepUp === undefined)
    return reply.header('cache-control', 'no-store').redirect(next, 303);
  return sendToSignIn(deps, reply, {
    next,
    fresh: true,
    confirms: { sub: who.session.sub, purpose: purposeOf(seen.approving) },
  });
}

function idIn({ params }: FastifyRequest): RequestId | undefined {
  return parseRequestId((params as Readonly<Record<string, string>>).id ?? '');
}

function choiceIn({ query }: FastifyRequest): Pick<Shown, 'revision' | 'less'> {
  const given = query as Readonly<Record<string, unknown>>;
  const revision = revisionIn(given.revision);
  const less = lessIn(given);
  return { ...(revision === undefined ? {} : { revision }), ...(less === undefined ? {} : { less }) };
}

const UNKNOWN: ErrorWords = {
  status: 404,
  title: 'No such request',
  text: 'It does not exist, or it is not yours to see.',
  next: html`<div class="actions"><a class="button" href="${REQUESTS}">Your requests</a></div>`,
};

function unknown(who: SignedIn, reply: FastifyReply): FastifyReply {
  return sendErrorPage(reply, UNKNOWN, shownTo(who));
}
