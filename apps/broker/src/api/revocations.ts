/** GET /v1/revocations: what ended before its time, for those who only verify tokens; held back until there is something, or as a stream. */
import { setMaxListeners } from 'node:events';
import type { Readable } from 'node:stream';
import { type Client, clientById, type Policy, type Told } from '@sallyport/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { BrokerDeps } from '../deps.ts';
import { eventStream } from '../revocations/event-stream.ts';
import { makeFollowerLimit } from '../revocations/follower-limit.ts';
import { type Following, follow } from '../revocations/following.ts';
import { noStore } from './access-requests.ts';
import { reader } from './feed-auth.ts';
import { sendProblem } from './problem.ts';
import { clientSecurity, problems, revocationHeaders, revocationPage, revocationQuery } from './schemas.ts';

const RETRY_SECONDS = 5;

/** Registers the route. */
export function revocationRoutes(plain: FastifyInstance, deps: BrokerDeps): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  const limit = makeFollowerLimit();
  // Each follower listens for the end; the limit says how many there may be.
  setMaxListeners(0, deps.draining);
  app.get(
    '/v1/revocations',
    {
      // A HEAD of a stream would read it to its end.
      exposeHeadRoute: false,
      schema: {
        tags: ['Revocations'],
        summary: 'Tokens and grants of your resources that ended before their time, each as a signed event',
        security: clientSecurity,
        querystring: revocationQuery,
        headers: revocationHeaders,
        response: { 200: revocationPage, ...problems(403, 422, 429) },
      },
    },
    async (request, reply) => {
      const client = reader(request);
      const leave = limit.enter(client.id);
      if (leave === undefined)
        return sendProblem(reply, { code: 'too_many', retryAfterSeconds: RETRY_SECONDS }, deps.logger);
      const { after, wait } = request.query;
      const asked = { client, after: request.headers['last-event-id'] ?? after, leave };
      return wantsStream(request) ? sendStream(deps, reply, asked) : sendPage(deps, reply, asked, wait * 1_000);
    },
  );
}

interface Asked {
  readonly client: Client;
  readonly after: string | undefined;
  /** Counts it out. */
  readonly leave: () => void;
}

async function sendPage(deps: BrokerDeps, reply: FastifyReply, asked: Asked, waitMs: number): Promise<FastifyReply> {
  let following: Following | undefined;
  try {
    following = await begin(deps, asked, () => undefined);
    const batch = await following.next(waitMs);
    if (batch === undefined) throw new Error('the first batch is always told');
    const items = batch.items.map(async (told) => ({ id: told.position, set: await sign(deps, told) }));
    return noStore(reply).send({ items: await Promise.all(items), next: batch.next });
  } finally {
    following?.close();
    asked.leave();
  }
}

async function sendStream(deps: BrokerDeps, reply: FastifyReply, asked: Asked): Promise<FastifyReply> {
  const traceId = reply.request.id;
  let body: Readable | undefined;
  const onLag = (): void => {
    deps.logger.info('feed.slow_reader', { traceId, clientId: asked.client.id });
    body?.destroy();
  };
  const following = await begin(deps, asked, onLag).catch((thrown: unknown) => {
    asked.leave();
    throw thrown;
  });
  body = eventStream({
    following,
    sign: (told) => sign(deps, told),
    mayRead: () => asReader(deps.policies.inForce(), asked.client) !== undefined,
    onBroken: (thrown) => {
      if (deps.isOutage(thrown)) deps.logger.warn('feed.broken', { traceId, err: thrown });
      else deps.logger.error('http.bug', { traceId, err: thrown });
    },
  });
  body.once('close', asked.leave);
  return noStore(reply).headers({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' }).send(body);
}

function begin(deps: BrokerDeps, { client, after }: Asked, onLag: () => void): Promise<Following> {
  return follow({
    reader: deps.revocationReader,
    revocations: deps.revocations,
    after,
    resources: () => asReader(deps.policies.inForce(), client)?.introspect ?? [],
    signal: deps.draining,
    onLag,
  });
}

function sign({ signRevocation, clock }: BrokerDeps, { revocation }: Told): Promise<string> {
  return signRevocation(revocation, clock.now());
}

/** The client as it is now; not if it is gone, or proves itself by another secret since it came. */
function asReader(policy: Policy, { id, secretSha256 }: Client): Client | undefined {
  const found = clientById(policy, id);
  return found?.secretSha256 === secretSha256 && (found?.introspect.length ?? 0) > 0 ? found : undefined;
}

/** Whether the caller says that it takes a stream; who takes anything gets a page. */
function wantsStream({ headers }: FastifyRequest): boolean {
  return /(?:^|,)\s*text\/event-stream\s*(?:;|,|$)/i.test(headers.accept ?? '');
}
