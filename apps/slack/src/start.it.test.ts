/** The program on real Postgres and Redis, with no worker at all: what people see in Slack follows the rows. */

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger, secret } from '@sallyport/platform';
import { loadPolicy, parseCompiled, serializePolicy } from '@sallyport/policy';
import { openPostgres } from '@sallyport/postgres';
import { PATIENT, startDatabase, type TestDatabase } from '@sallyport/testkit';
import { type RunningWorkspace, startWorkspace } from '@sallyport/testkit/slack';
import type { Config } from './config.ts';
import { type Running, start } from './start.ts';
import { installs } from './testing/browser.ts';

const EXAMPLE = fileURLToPath(new URL('../../../infra/policies/example', import.meta.url));
const AUDIT_KEY = new Uint8Array(32).map((_, index) => index * 7);
const CHANNEL = 'C01APPROVALS';

/** A database of its own, so that jobs of other tests are not taken. */
function redisUrl(): string {
  const url = new URL(process.env.TEST_REDIS_URL ?? '');
  url.pathname = '/9';
  return url.href;
}

describe('the Slack program on real stores', () => {
  let database: TestDatabase;
  let workspace: RunningWorkspace;
  let running: Running;
  const logged: string[] = [];

  beforeAll(async () => {
    database = await startDatabase();
    workspace = await startWorkspace({
      port: 0,
      botToken: 'xoxb-it-test',
      signingSecret: 'it-test-signing',
      credentials: { clientId: '11.22', clientSecret: 'it-test-client' },
    });
    await putPolicy(database.url);
    const logger = createLogger({
      name: 'slack',
      level: 'debug',
      destination: { write: (line) => void logged.push(line) },
    });
    running = await start(config(), { logger });
    const url = `http://127.0.0.1:${running.port}`;
    await workspace.driver.app({ request_url: `${url}/slack/events` });
    await workspace.driver.until(async () => (await fetch(`${url}/readyz`)).status === 200, 10_000);
  }, 60_000);

  afterAll(async () => {
    await running?.stop();
    await workspace?.close();
    await database?.stop();
  });

  const config = (): Config => ({
    env: 'development',
    slack: { mode: 'http', signingSecret: secret('it-test-signing') },
    unused: [],
    install: undefined,
    botToken: secret('xoxb-it-test'),
    apiUrl: workspace.apiUrl,
    teamIds: [],
    host: '127.0.0.1',
    port: 0,
    databaseUrl: secret(database.as('sallyport_slack')),
    redisUrl: secret(redisUrl()),
    auditKey: secret(AUDIT_KEY),
    issuer: 'http://localhost:8080',
    logLevel: 'debug',
  });

  test('the story: asked, approved twice, ended; one card, nothing left undelivered of ours', async () => {
    const { driver } = workspace;
    const alice = driver.as('U01ALICE');
    const cardReads = (part: string) =>
      driver.until(async () => {
        const all = await driver.channel(CHANNEL).messages();
        const topLevel = all.filter((message) => [undefined, message.ts].includes(message.thread_ts));
        return topLevel.find((message) => message.reads.includes(part));
      }, 10_000);
    await alice.types('/request-access orders-db 30m', { channel: CHANNEL });
    await driver.until(async () => (await alice.modal())?.callback_id === 'request_access');
    const sent = await alice.submits({
      role: 'admin',
      subject: 'workload:payments-deploy',
      justification: 'rotate the leaked credentials',
    });
    expect(sent).toMatchObject({ user_error: null, late: false });
    expect((await alice.modal())?.errors).toEqual({});
    const card = await cardReads('Pending. 0 of 2 approvals.');
    await driver.as('U01BOB').clicks('approve');
    await cardReads('1 of 2 approvals');
    await driver.as('U01BOB').clicks('approve');
    await driver.as('U01DAN').clicks('approve');
    expect((await cardReads('Active until ')).ts).toBe(card.ts);
    await driver.until(async () => (await alice.dms()).some((message) => message.reads.includes('Approved: ')), 10_000);
    await alice.clicks('revoke');
    await cardReads('Ended early by Alice');
    await driver.until(
      async () => (await alice.dms()).some((message) => message.reads.includes('You ended it at ')),
      10_000,
    );
    // What is seen in Slack is written down a moment later.
    await driver.until(async () => {
      const rows = await database.sql<{ shown_version: number; version: number }>(
        `select m.shown_version, r.version from slack_messages m join requests r on r.id = m.request_id where m.key like 'card:%'`,
      );
      return rows.length === 1 && rows[0]?.shown_version === rows[0]?.version;
    }, 10_000);
    expect(await driver.violations()).toEqual([]);
    expect(logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  }, 60_000);

  test('installed by its page: kept sealed and told to the trail, and found again by the next start', async () => {
    await running.stop();
    const install = {
      clientId: secret('11.22'),
      clientSecret: secret('it-test-client'),
      keyEncryptionKey: secret(AUDIT_KEY),
    };
    const installing: Config = { ...config(), botToken: undefined, teamIds: ['T01TEST'], install };
    const logger = createLogger({ name: 'slack', level: 'silent' });
    const opens = async (): Promise<string> => {
      running = await start(installing, { logger });
      const url = `http://127.0.0.1:${running.port}`;
      await workspace.driver.app({ request_url: `${url}/slack/events` });
      return url;
    };
    const url = await opens();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await installs({ url }, 'U01ALICE')).status).toBe(200);
    await workspace.driver.until(async () => (await fetch(`${url}/readyz`)).status === 200);
    const rows = await database.sql<{ team_id: string; sealed_token: string; installed_by: string }>(
      'select team_id, sealed_token, installed_by from slack_installations',
    );
    expect(rows).toMatchObject([{ team_id: 'T01TEST', installed_by: 'U01ALICE' }]);
    expect(rows[0]?.sealed_token).toMatch(/^ey/);
    await running.stop();
    const again = await opens();
    await workspace.driver.until(async () => (await fetch(`${again}/readyz`)).status === 200);
  }, 60_000);
});

async function putPolicy(url: string): Promise<void> {
  const loaded = await loadPolicy(EXAMPLE, { allowHttpIssuers: true });
  if (!loaded.ok) throw new Error('the example policy does not compile');
  const postgres = openPostgres({
    url,
    auditKey: AUDIT_KEY,
    instance: 'test',
    patience: PATIENT,
    policyCodec: { parse: parseCompiled, serialize: serializePolicy },
    alarm: ({ event }) => {
      throw new Error(event);
    },
  });
  await postgres.start();
  await postgres.policies.putInForce(loaded.value.policy, { door: 'worker', traceId: 'test' });
  await postgres.close();
}
