/** HTTP Basic -> the OAuth client that may read revocations: one that may introspect tokens of some resource. */
import { type Client, err, ok, type Refusal, type Result } from '@sallyport/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BrokerDeps } from '../deps.ts';
import { callingClient } from '../oauth/calling-client.ts';
import type { Form } from '../oauth/form.ts';
import { challenges } from './challenge.ts';
import { sendProblem } from './problem.ts';

/** A GET has no form: the proof is in the header. */
const NO_FORM: Form = new Map();
const readers = new WeakMap<FastifyRequest, Client>();

/** From here on every call of this scope is by such a client. A refusal is answered, and noted in the trail. */
export function requireReader(app: FastifyInstance, deps: BrokerDeps): void {
  challenges(app, 'Basic realm="sallyport"');
  app.addHook('onRequest', async (request, reply): Promise<FastifyReply | undefined> => {
    const client = await readerOf(deps, request);
    if (!client.ok) return sendProblem(reply, client.error, deps.logger);
    readers.set(request, client.value);
    return undefined;
  });
}

/** Who is reading. Throws outside the authenticated scope: a bug. */
export function reader(request: FastifyRequest): Client {
  const client = readers.get(request);
  if (client === undefined) throw new Error('a route outside the authenticated scope asked for its reader');
  return client;
}

async function readerOf(deps: BrokerDeps, request: FastifyRequest): Promise<Result<Client, Refusal>> {
  const attempted = 'read_revocations';
  const calling = await callingClient(deps, request, NO_FORM, ['client_secret_basic'], attempted);
  if (!calling.ok) return calling;
  const { client, by } = calling.value;
  if (client.introspect.length > 0) return ok(client);
  const refusal = { code: 'client_not_allowed' } as const;
  await deps.ledger.note({ refusal, by, attempted });
  return err(refusal);
}
