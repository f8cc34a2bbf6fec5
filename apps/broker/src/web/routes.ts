/** Everything people see of the broker in a browser. */
import type { FastifyInstance } from 'fastify';
import type { BrokerDeps } from '../deps.ts';
import { assetRoutes } from './assets.ts';
import { deviceRoutes } from './device/routes.ts';
import { pageErrors } from './error-pages.ts';
import { linkRoutes } from './link/routes.ts';
import { loginRoutes } from './login.ts';
import { requestRoutes } from './requests/routes.ts';

/** Registers the pages, in a scope of their own. */
export function webRoutes(app: FastifyInstance, deps: BrokerDeps): void {
  pageErrors(app, deps);
  assetRoutes(app);
  loginRoutes(app, deps);
  deviceRoutes(app, deps);
  linkRoutes(app, deps);
  requestRoutes(app, deps);
}
