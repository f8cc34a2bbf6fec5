/** Bearer token of a trusted issuer -> principal, for the REST door. The same verification as every other door; never our own tokens. */
import { type Attribution, err, type Refusal, type Result, type VerifiedSubject } from '@sallyport/core';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { addressOf } from '../address.ts';
import type { BrokerDeps } from '../deps.ts';
import { rememberCaller } from './caller.ts';
import { sendProblem } from './problem.ts';

const BEARER = /^Bearer ([^\s]+)$/i;

/** From here on every call of this scope is authenticated, before its body is read. A refusal is answered, and noted in the trail. */
export function requireCaller(app: FastifyInstance, deps: BrokerDeps): void {
  app.addHook('onRequest', async (request, reply): Promise<FastifyReply | undefined> => {
    const by: Attribution = { door: 'rest', traceId: request.id, ...addressOf(request) };
    const verified = await verifyBearer(deps, request.headers.authorization);
    if (!verified.ok) {
      await deps.ledger.note({ refusal: verified.error, by, attempted: 'call' });
      return sendProblem(reply, verified.error, deps.logger);
    }
    const subject = verified.value;
    const external = `${subject.issuer.issuer} ${subject.sub}`;
    rememberCaller(request, { subject, by: { ...by, principal: subject.principal, external } });
    return undefined;
  });
}

async function verifyBearer(
  deps: BrokerDeps,
  authorization: string | undefined,
): Promise<Result<VerifiedSubject, Refusal>> {
  const token = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
  if (token === undefined) return err({ code: 'subject_token_rejected', why: 'no bearer token' });
  return deps.verifier.verify(token, deps.policies.inForce(), deps.clock.now());
}
