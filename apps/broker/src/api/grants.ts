/** /v1/grants: list, read, revoke. */
import { type AccessCase, type Grant, parseGrantId } from '@sallyport/core';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { BrokerDeps } from '../deps.ts';
import { noStore } from './access-requests.ts';
import { callerOf } from './caller.ts';
import { refuseUnknown, sendProblem } from './problem.ts';
import { grantList, idParams, noBody, pageQuery, problems, security } from './schemas.ts';
import { grantView, viewGrant } from './views.ts';

const TAGS = ['Grants'];

/** Registers the routes. */
export function grantRoutes(plain: FastifyInstance, deps: BrokerDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/v1/grants',
    {
      schema: {
        tags: TAGS,
        summary: 'Your grants and those of workloads you own',
        security,
        querystring: pageQuery,
        response: { 200: grantList, ...problems(422) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { limit, cursor } = request.query;
      const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
      const { value, at } = await deps.reading.grants(caller.subject.principal, deps.policies.inForce(), page);
      return noStore(reply).send({
        items: value.items.map((c) => viewGrant(grantOf(c), at.now)),
        next_cursor: value.nextCursor ?? null,
      });
    },
  );

  app.get(
    '/v1/grants/:id',
    {
      schema: {
        tags: TAGS,
        summary: 'Read one: whose, to what, from when to when',
        security,
        params: idParams,
        response: { 200: grantView, ...problems(404) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const id = parseGrantId(request.params.id);
      if (id === undefined) return sendProblem(reply, { code: 'request_unknown' }, deps.logger);
      const read = await deps.reading.grant(id, caller.subject.principal);
      if (!read.ok) return sendProblem(reply, read.error, deps.logger);
      return noStore(reply).send(viewGrant(grantOf(read.value.value), read.value.at.now));
    },
  );

  app.post(
    '/v1/grants/:id/revoke',
    {
      schema: {
        tags: TAGS,
        summary: 'End it now, and every token that came of it',
        security,
        params: idParams,
        body: noBody,
        response: { 200: grantView, ...problems(404, 409, 422) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const id = parseGrantId(request.params.id);
      if (id === undefined) return refuseUnknown(deps, reply, caller.by, 'revoke');
      const revoked = await deps.revokeGrant({ grant: id }, caller.subject.principal, caller.by);
      if (!revoked.ok) return sendProblem(reply, revoked.error, deps.logger);
      deps.metrics.revocationsTotal.inc();
      return noStore(reply).send(viewGrant(grantOf(revoked.value.case), revoked.value.at.now));
    },
  );
}

function grantOf(c: AccessCase): Grant {
  if (c.grant === undefined) throw new Error('a case found by its grant has none');
  return c.grant;
}
