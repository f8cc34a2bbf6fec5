/** Everything a bench stands on: stores, issuers, two brokers and a worker as they ship, and the two competitors. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type IssuerServer,
  startDatabase,
  startEmptyDatabase,
  startIssuer,
  type TestDatabase,
} from '@sallyport/testkit';
import { generateSigningKey } from '@sallyport/tokens';
import type { JWK } from 'jose';
import { freePorts } from '../../house/ports.ts';
import type { Jobs } from '../jobs.ts';
import { type Generator, startGenerator } from '../load/generator.ts';
import type { BenchOptions } from '../options.ts';
import { startCompetitor } from './competitor.ts';
import { type JobTokens, makeJobTokens } from './job-tokens.ts';
import * as names from './policy.ts';
import { startProgram } from './program.ts';

export type ServerName = 'sallyport' | 'oidc-provider' | 'bare';

export interface Server {
  readonly name: ServerName;
  readonly port: number;
  readonly pid: number;
  /** Where oidc-provider has other paths. */
  readonly tokenPath: string;
  readonly introspectionPath: string;
}

export interface Stage {
  readonly folder: string;
  /** The first is measured; the second is where clicks and revocations come in. */
  readonly brokers: readonly [Server, Server];
  readonly competitors: readonly [Server, Server];
  readonly database: TestDatabase;
  readonly competitorDatabases: readonly [string, string];
  readonly issuers: IssuerServer;
  readonly jobTokens: JobTokens;
  readonly generator: Generator;
  stop(): Promise<void>;
}

/** What the broker's pool holds; the competitors get the same. */
const CONNECTIONS_MAX = 16;

/** Starts everything and waits until all of it is ready. */
export async function setStage(options: BenchOptions, jobs: Jobs, redisUrl: string): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-bench-'));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const one of undo.splice(0).reverse()) await one();
  };
  try {
    return { ...(await build(options, jobs, redisUrl, folder, undo)), stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function build(
  options: BenchOptions,
  jobs: Jobs,
  redisUrl: string,
  folder: string,
  undo: (() => Promise<unknown>)[],
): Promise<Omit<Stage, 'stop'>> {
  const ports = await freePorts(5);
  const [first = 0, second = 0, work = 0, ...others] = ports;
  const issuer = `http://localhost:${first}`;
  const database = await startDatabase();
  undo.push(database.stop);
  const issuers = await startIssuer({ issuers: [{ name: 'workforce' }, { name: 'ci', algorithm: 'ES256' }] });
  undo.push(issuers.close);
  const env = await programEnvironment({ jobs, redisUrl, folder, issuer, issuers });
  const broker = async (port: number, index: number): Promise<Server> => {
    const running = await startProgram({
      name: 'broker',
      port,
      env: { ...env, SALLYPORT_BROKER_PORT: String(port), DATABASE_URL: database.as('sallyport_broker') },
      logFile: join(folder, `broker-${index}.log`),
      nodeArgs: options.nodeArgs,
      profiles: index === 0 ? options.profiles : undefined,
    });
    undo.push(running.end);
    return {
      name: 'sallyport',
      port,
      pid: running.pid,
      tokenPath: '/oauth/token',
      introspectionPath: '/oauth/introspect',
    };
  };
  const worker = await startProgram({
    name: 'worker',
    port: work,
    env: { ...env, SALLYPORT_WORKER_PORT: String(work), DATABASE_URL: database.as('sallyport_worker') },
    logFile: join(folder, 'worker.log'),
    nodeArgs: options.nodeArgs,
  });
  undo.push(worker.end);
  const brokers = [await broker(first, 0), await broker(second, 1)] as const;
  const ci = issuers.issuer('ci');
  const [subjectKey] = ci.exportKeys();
  if (subjectKey === undefined) throw new Error('an issuer has a key');
  const competitorDatabases: string[] = [];
  const competitor = async (name: 'oidc-provider' | 'bare', port: number): Promise<Server> => {
    const own = await startEmptyDatabase();
    undo.push(own.stop);
    competitorDatabases.push(own.url);
    const running = await startCompetitor(name, folder, {
      port,
      databaseUrl: own.url,
      connectionsMax: CONNECTIONS_MAX,
      issuer: `http://127.0.0.1:${port}`,
      subjectIssuer: ci.url,
      subjectAudience: issuer,
      subjectKey: publicHalf(subjectKey),
      signingKey: await generateSigningKey(),
      audience: names.AUDIENCE,
      scope: names.SCOPE,
      clientId: names.CLIENT,
      resourceClientId: names.RESOURCE_CLIENT,
      resourceClientSecret: names.RESOURCE_CLIENT_SECRET,
    });
    undo.push(running.end);
    return { name, port, pid: running.pid, tokenPath: '/token', introspectionPath: '/token/introspection' };
  };
  const competitors = [
    await competitor('oidc-provider', others[0] ?? 0),
    await competitor('bare', others[1] ?? 0),
  ] as const;
  const generator = await startGenerator(join(folder, 'load.log'));
  undo.push(generator.end);
  return {
    folder,
    brokers,
    competitors,
    database,
    competitorDatabases: [competitorDatabases[0] ?? '', competitorDatabases[1] ?? ''],
    issuers,
    jobTokens: makeJobTokens(ci, issuer),
    generator,
  };
}

async function programEnvironment(of: {
  readonly jobs: Jobs;
  readonly redisUrl: string;
  readonly folder: string;
  readonly issuer: string;
  readonly issuers: IssuerServer;
}): Promise<Readonly<Record<string, string>>> {
  const policyFile = join(of.folder, 'policy.yaml');
  const keysFile = join(of.folder, 'signing-keys.json');
  await names.writePolicy(policyFile, { issuersOrigin: of.issuers.origin, issuer: of.issuer, jobs: of.jobs.count });
  await writeFile(keysFile, JSON.stringify({ keys: [await generateSigningKey()] }), { mode: 0o600 });
  return {
    SALLYPORT_ISSUER: of.issuer,
    SALLYPORT_SIGNING_KEYS: keysFile,
    SALLYPORT_AUDIT_KEY: randomBytes(32).toString('hex'),
    SALLYPORT_POLICY: policyFile,
    SALLYPORT_ALLOW_HTTP_ISSUERS: '1',
    REDIS_URL: of.redisUrl,
  };
}

function publicHalf({ d: _, ...rest }: JWK): JWK {
  return rest;
}
