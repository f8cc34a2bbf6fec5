/** A whole house for a test: three real programs, real Postgres and Redis, the local Slack workspace and issuers in this process. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type IssuerServer,
  type RunningWorkspace,
  startDatabase,
  startIssuer,
  startWorkspace,
  type TestDatabase,
} from '@sallyport/testkit';
import { generateSigningKey } from '@sallyport/tokens';
import { makePageRoutes, type PageRoutes } from '@sallyport/workspace';
import { Redis } from 'ioredis';
import { startBalancer } from './balancer.ts';
import { examplePolicyFiles, type PolicyFiles } from './policy-files.ts';
import { freePorts } from './ports.ts';
import { makeProgram, type Program } from './program.ts';

export interface House {
  readonly broker: Program;
  /** The first of `slacks`. */
  readonly slack: Program;
  /** All processes of the Slack program. */
  readonly slacks: readonly Program[];
  readonly worker: Program;
  readonly workspace: RunningWorkspace;
  readonly issuers: IssuerServer;
  readonly database: TestDatabase;
  readonly policy: PolicyFiles;
  readonly redis: Redis;
  readonly issuer: string;
  /** What the programs were told; secrets included. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export interface HouseOptions {
  readonly slackMode?: 'http' | 'socket';
  /** Processes of the Slack program, 1 unless said; more of them stand behind a balancer. */
  readonly slackProcesses?: number;
  readonly logLevel?: string;
  /** Where its queue is; that of the tests unless said. What is there is thrown away. */
  readonly redisUrl?: string;
  /** Lets the test move the database's clock. */
  readonly movableClock?: boolean;
  /** Policy files beside those of the example: name -> text. */
  readonly policyFiles?: Readonly<Record<string, string>>;
  /** Gives the broker a key for federation tokens as well. */
  readonly federates?: boolean;
}

/** Starts everything and waits until all three programs are ready. */
export async function startHouse({
  slackMode = 'http',
  slackProcesses = 1,
  logLevel = 'info',
  movableClock = false,
  policyFiles = {},
  federates = false,
  redisUrl = process.env.TEST_REDIS_URL,
}: HouseOptions = {}): Promise<House> {
  if (redisUrl === undefined) throw new Error('TEST_REDIS_URL is missing: run the tests with npm test');
  const [brokerPort = 0, workerPort = 0, slackDoor = 0, ...more] = await freePorts(2 + slackProcesses + 1);
  const slackPorts = slackProcesses === 1 ? [slackDoor] : more;
  const issuer = `http://localhost:${brokerPort}`;
  const secrets = { botToken: `xoxb-${hex(12)}`, signingSecret: hex(16), appToken: `xapp-${hex(12)}` };
  let pages: PageRoutes | undefined;
  const [database, issuers, workspace] = await Promise.all([
    startDatabase({ movableClock }),
    startIssuer({
      issuers: [
        { name: 'workforce', clients: [{ id: 'sallyport-web', redirectUris: [`${issuer}/login/callback`] }] },
        { name: 'ci', algorithm: 'RS256' },
      ],
    }),
    startWorkspace({
      port: 0,
      ...secrets,
      mode: slackMode,
      requestUrl: `http://127.0.0.1:${slackDoor}/slack/events`,
      page: (req, res, engine) => {
        pages ??= makePageRoutes(engine, Date.now);
        return pages.handle(req, res);
      },
    }),
  ]);
  const policy = await examplePolicyFiles(issuers.origin, issuer, policyFiles);
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-house-'));
  const keys = await Promise.all([generateSigningKey(), ...(federates ? [generateSigningKey('RS256')] : [])]);
  await writeFile(join(folder, 'signing-keys.json'), JSON.stringify({ keys }), { mode: 0o600 });
  const env = {
    SALLYPORT_ISSUER: issuer,
    SALLYPORT_BROKER_PORT: String(brokerPort),
    SALLYPORT_SLACK_PORT: String(slackPorts[0]),
    SALLYPORT_WORKER_PORT: String(workerPort),
    SALLYPORT_SIGNING_KEYS: join(folder, 'signing-keys.json'),
    SALLYPORT_AUDIT_KEY: hex(32),
    SALLYPORT_POLICY: policy.folder,
    SALLYPORT_ALLOW_HTTP_ISSUERS: '1',
    REDIS_URL: redisUrl,
    SLACK_MODE: slackMode,
    SLACK_BOT_TOKEN: secrets.botToken,
    SLACK_SIGNING_SECRET: secrets.signingSecret,
    SLACK_APP_TOKEN: secrets.appToken,
    SLACK_API_URL: workspace.apiUrl,
    LOG_LEVEL: logLevel,
  };
  const program = (name: Program['name'], port: number): Program =>
    makeProgram(name, port, { ...env, DATABASE_URL: database.as(`sallyport_${name}`) });
  const slacks = slackPorts.map((port) =>
    makeProgram('slack', port, {
      ...env,
      SALLYPORT_SLACK_PORT: String(port),
      DATABASE_URL: database.as('sallyport_slack'),
    }),
  );
  const [slack] = slacks;
  if (slack === undefined) throw new RangeError('a house has a Slack program');
  const balancer = slackProcesses === 1 ? undefined : await startBalancer(slackDoor, slackPorts);
  const redis = new Redis(redisUrl);
  await redis.flushdb();
  const house: House = {
    broker: program('broker', brokerPort),
    slack,
    slacks,
    worker: program('worker', workerPort),
    workspace,
    issuers,
    database,
    policy,
    redis,
    issuer,
    env,
    async stop() {
      await Promise.all([...slacks, house.broker, house.worker].map((one) => one.end('SIGTERM')));
      await balancer?.close();
      pages?.close();
      redis.disconnect();
      await Promise.all([
        workspace.close(),
        issuers.close(),
        policy.remove(),
        rm(folder, { recursive: true, force: true }),
      ]);
      await database.stop();
    },
  };
  try {
    await Promise.all([house.worker.start(), house.broker.start(), ...slacks.map((one) => one.start())]);
  } catch (thrown) {
    await house.stop();
    throw thrown;
  }
  return house;
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
