/** /device: where somebody takes on what a device without a browser asks (RFC 8628 section 3.3). */
import type { FastifyInstance } from 'fastify';
import type { BrokerDeps } from '../../deps.ts';
import { forPeople, shownTo } from '../for-people.ts';
import { sendPage } from '../page.ts';
import { enterPage } from './enter-page.ts';

/** Registers the page. */
export function deviceRoutes(app: FastifyInstance, deps: BrokerDeps): void {
  const schema = { hide: true };
  app.get(
    '/device',
    { schema },
    forPeople(deps, async (who, request, reply) => {
      const { user_code: given } = request.query as Readonly<Record<string, unknown>>;
      return sendPage(reply, enterPage(shownTo(who), { code: typeof given === 'string' ? given.slice(0, 20) : '' }));
    }),
  );
}
