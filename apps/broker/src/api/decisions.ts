/** POST /v1/access-requests/{id}/decisions: an approver who is a person says yes or no; the same function as the button in Slack. */
import { type DecisionCommand, type PersonId, parseRequestId, type Refusal, type RequestId } from '@sallyport/core';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { BrokerDeps } from '../deps.ts';
import { noStore } from './access-requests.ts';
import { type Caller, callerOf } from './caller.ts';
import { refuseUnknown, sendProblem } from './problem.ts';
import { decisionBody, idParams, problems, security } from './schemas.ts';
import { requestView, viewRequest } from './views.ts';

/** Registers the route. */
export function decisionRoutes(plain: FastifyInstance, deps: BrokerDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.post(
    '/v1/access-requests/:id/decisions',
    {
      schema: {
        tags: ['Access requests'],
        summary: 'Approve or deny, on the revision you saw; `narrow` approves for less',
        security,
        params: idParams,
        body: decisionBody,
        response: { 200: requestView, ...problems(403, 404, 409, 413, 415, 422) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const id = parseRequestId(request.params.id);
      if (id === undefined) return refuseUnknown(deps, reply, caller.by, 'decide');
      const { principal } = caller.subject;
      if (principal.kind === 'workload') return sendProblem(reply, await refuseWorkload(deps, id, caller), deps.logger);
      const decided = await deps.recordDecision(commandOf(id, principal.id, request.body), caller.by);
      deps.metrics.decisionsTotal.inc({
        verdict: request.body.verdict,
        result: decided.ok ? 'recorded' : decided.error.code,
      });
      if (decided.ok) return noStore(reply).send(viewRequest(decided.value.case, decided.value.at.now));
      if (decided.error.code !== 'already_decided') return sendProblem(reply, decided.error, deps.logger);
      const read = await deps.reading.request(id, principal);
      return read.ok
        ? noStore(reply).send(viewRequest(read.value.value, read.value.at.now))
        : sendProblem(reply, read.error, deps.logger);
    },
  );
}

/** A workload never decides; whether it learns that or "not found" is a matter of what it may see. */
async function refuseWorkload(deps: BrokerDeps, requestId: RequestId, { subject, by }: Caller): Promise<Refusal> {
  const seen = await deps.reading.request(requestId, subject.principal);
  const refusal: Refusal = seen.ok ? { code: 'not_an_approver' } : seen.error;
  await deps.ledger.note({ refusal, by, attempted: 'decide', requestId });
  return refusal;
}

function commandOf(requestId: RequestId, person: PersonId, body: z.output<typeof decisionBody>): DecisionCommand {
  const { duration, scopes } = body.narrow ?? {};
  return {
    requestId,
    person,
    verdict: body.verdict,
    revision: body.revision,
    ...(body.reason === undefined ? {} : { reason: body.reason }),
    ...(body.narrow === undefined
      ? {}
      : { narrow: { ...(duration === undefined ? {} : { duration }), ...(scopes === undefined ? {} : { scopes }) } }),
    hideFromStrangers: true,
  };
}
