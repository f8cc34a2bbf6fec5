/** /v1/access-requests: create, list mine, read with a long poll, cancel. */
import {
  type Ask,
  nameOf,
  type OnceKey,
  parseRequestId,
  type ResourceId,
  type RoleId,
  workload,
} from '@sallyport/core';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { BrokerDeps } from '../deps.ts';
import { type Caller, callerOf } from './caller.ts';
import { makeHeldReads } from './held-reads.ts';
import { refuseUnknown, sendProblem } from './problem.ts';
import {
  createBody,
  createHeaders,
  idParams,
  noBody,
  pageQuery,
  problems,
  requestList,
  security,
  waitQuery,
} from './schemas.ts';
import { requestView, viewRequest } from './views.ts';

type App = FastifyInstance & { withTypeProvider: FastifyInstance['withTypeProvider'] };
const TAGS = ['Access requests'];

/** Registers the routes. */
export function accessRequestRoutes(plain: App, deps: BrokerDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const held = makeHeldReads(deps);

  app.post(
    '/v1/access-requests',
    {
      schema: {
        tags: TAGS,
        summary: 'Ask for an access, for yourself or a workload you own',
        security,
        body: createBody,
        headers: createHeaders,
        response: { 201: requestView, ...problems(403, 413, 415, 422, 429) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const once = onceOf(deps, caller, request.headers['idempotency-key'], request.body);
      const opened = await deps.submitRequest(askOf(caller, request.body), caller.by, once);
      if (!opened.ok) return sendProblem(reply, opened.error, deps.logger);
      const { case: c, at } = opened.value;
      noStore(reply).header('location', `${deps.issuer}/v1/access-requests/${c.request.id}`);
      return reply.code(201).send(viewRequest(c, at.now));
    },
  );

  app.get(
    '/v1/access-requests',
    {
      schema: {
        tags: TAGS,
        summary: 'What you asked for, or was asked for you',
        security,
        querystring: pageQuery,
        response: { 200: requestList, ...problems(422) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { limit, cursor } = request.query;
      const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
      const { value, at } = await deps.reading.requests(caller.subject.principal, deps.policies.inForce(), page);
      return noStore(reply).send({
        items: value.items.map((c) => viewRequest(c, at.now)),
        next_cursor: value.nextCursor ?? null,
      });
    },
  );

  app.get(
    '/v1/access-requests/:id',
    {
      schema: {
        tags: TAGS,
        summary: 'Read one; `wait` holds the answer until it changes (against If-None-Match), 304 if it does not',
        security,
        params: idParams,
        querystring: waitQuery,
        response: { 200: requestView, ...problems(404, 422, 429) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const read = await held.read(
        request.params.id,
        caller,
        request.query.wait * 1_000,
        request.headers['if-none-match'],
      );
      if (!read.ok) return sendProblem(reply, read.error, deps.logger);
      const answer = noStore(reply).header('etag', read.value.etag);
      if (read.value.unchanged) return answer.code(304).send();
      return answer.send(viewRequest(read.value.seen.value, read.value.seen.at.now));
    },
  );

  app.post(
    '/v1/access-requests/:id/cancel',
    {
      schema: {
        tags: TAGS,
        summary: 'Take your ask back while nobody has decided',
        security,
        params: idParams,
        body: noBody,
        response: { 200: requestView, ...problems(404, 409, 422) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const id = parseRequestId(request.params.id);
      if (id === undefined) return refuseUnknown(deps, reply, caller.by, 'cancel');
      const canceled = await deps.cancelRequest(id, caller.subject.principal, caller.by);
      if (!canceled.ok) return sendProblem(reply, canceled.error, deps.logger);
      return noStore(reply).send(viewRequest(canceled.value.case, canceled.value.at.now));
    },
  );
}

function askOf({ subject: { principal } }: Caller, body: z.output<typeof createBody>): Ask {
  return {
    subject: body.subject === undefined ? principal : workload(body.subject.workload),
    requester: principal,
    resource: body.resource as ResourceId,
    role: body.role as RoleId,
    duration: body.duration,
    tooLong: 'refuse',
    justification: body.justification,
    ...(body.ticket === undefined ? {} : { ticket: body.ticket }),
    ...(body.not_before === undefined ? {} : { notBefore: body.not_before }),
    door: 'rest',
  };
}

function onceOf(
  { hashing }: BrokerDeps,
  { subject }: Caller,
  key: string | undefined,
  body: object,
): OnceKey | undefined {
  if (key === undefined) return undefined;
  return {
    scope: `rest:${nameOf(subject.principal)}`,
    key,
    bodyHash: hashing.digestOf(JSON.stringify(Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1)))),
  };
}

/** Nothing under /v1 is cached. */
export function noStore(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store');
}
