/** Tests health, readiness and metrics over a real socket. */
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ConfigProblems } from './config-problems.ts';
import { securityHeaders } from './http-server.ts';
import { listen } from './listen.ts';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { type OpsServer, opsRoutes, type ReadinessCheck, startOpsServer } from './ops-server.ts';

const logger = createLogger({ name: 't', level: 'silent' });
let running: OpsServer | undefined;

async function start(checks: Record<string, ReadinessCheck>) {
  const routes = opsRoutes({ logger, metrics: createMetrics({ processMetrics: false }), checks });
  running = await startOpsServer({ host: '127.0.0.1', port: 0, routes, logger });
  return { routes, base: `http://127.0.0.1:${running.port}` };
}

afterEach(async () => {
  await running?.close();
  running = undefined;
});

describe('ops server', () => {
  test('a program that has all it needs is ready', async () => {
    const { base } = await start({ postgres: async () => true });
    const answer = await fetch(`${base}/readyz`);
    expect([answer.status, await answer.json()]).toEqual([200, { ready: true }]);
  });

  test('what is missing is named, also when a check throws or never ends', async () => {
    const { base } = await start({
      fine: async () => true,
      redis: async () => 'maxmemory-policy is allkeys-lru, needs noeviction',
      postgres: async () => Promise.reject(new Error('host-canary refused')),
      slack: () => new Promise<true>(() => undefined),
      late: () => new Promise<true>((resolve) => setTimeout(resolve, 1_900, true)),
    });
    const answer = await fetch(`${base}/readyz`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(await answer.json()).toEqual({
      ready: false,
      missing: {
        redis: 'maxmemory-policy is allkeys-lru, needs noeviction',
        postgres: 'no answer',
        slack: 'no answer',
        late: 'no answer',
      },
    });
  });

  test('a program that drains is alive but not ready', async () => {
    const { base, routes } = await start({});
    routes.markStopping();
    expect((await fetch(`${base}/readyz`)).status).toBe(503);
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
  });

  test('metrics are Prometheus text', async () => {
    const { base } = await start({});
    const answer = await fetch(`${base}/metrics`);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('sallyport_exchange_seconds_bucket');
  });

  test('every answer has the security headers; HEAD has no body; other methods and paths are refused', async () => {
    const { base } = await start({});
    for (const path of ['/healthz', '/readyz?x=1', '/metrics', '/nothing', '/toString']) {
      const answer = await fetch(`${base}${path}`);
      for (const [name, value] of Object.entries(securityHeaders)) expect(answer.headers.get(name)).toBe(value);
      expect(answer.headers.get('server')).toBeNull();
    }
    const head = await fetch(`${base}/healthz`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const post = await fetch(`${base}/healthz`, { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(`${base}/nothing`)).status).toBe(404);
  });

  test('a taken port is one clear problem', async () => {
    const blocker = createServer();
    const port = await listen(blocker, { host: '127.0.0.1', port: 0 });
    const routes = opsRoutes({ logger, metrics: createMetrics({ processMetrics: false }), checks: {} });
    const late = startOpsServer({ host: '127.0.0.1', port, setting: 'SALLYPORT_BROKER_PORT', routes, logger });
    const thrown: unknown = await late.catch((err: unknown) => err).finally(() => blocker.close());
    expect(thrown).toBeInstanceOf(ConfigProblems);
    expect(String((thrown as ConfigProblems).message)).toBe(
      `SALLYPORT_BROKER_PORT: port ${port} is taken; stop what uses it or set SALLYPORT_BROKER_PORT to another`,
    );
  });
});
