/** Two real brokers over one Postgres and Redis, in this process, with issuers: what one does, the other must tell. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDatabase, type TestDatabase } from '@sallyport/testkit';
import { type IssuerServer, startIssuer } from '@sallyport/testkit/issuer';
import { generateSigningKey } from '@sallyport/tokens';
import { compose, type Program } from '../compose.ts';
import { loadConfig } from '../config.ts';
import { SECRET, SECRET_SHA256, TE, TT } from './callers.ts';
import { CI_AUDIENCE, METRICS, policyText } from './policy-text.ts';

export interface Brokers {
  /** Their addresses. */
  readonly urls: readonly [string, string];
  readonly issuer: string;
  readonly database: TestDatabase;
  readonly auditKey: Uint8Array;
  /** The policy both began with. */
  readonly policyText: string;
  /** HTTP Basic of a client that may introspect everything. */
  readonly reader: { readonly authorization: string };
  /** A token for the metrics of a pipeline: a rule approves at once. */
  issue(url: string): Promise<string>;
  /** Gives a token back; returns when that was answered, by the monotonic clock. */
  revoke(url: string, token: string): Promise<number>;
  introspect(url: string, token: string): Promise<boolean>;
  /** Stops one of them as SIGTERM would. */
  stop(index: 0 | 1): Promise<void>;
  close(): Promise<void>;
}

/** Starts both and waits until they listen. */
export async function startBrokers(): Promise<Brokers> {
  const redisUrl = process.env.TEST_REDIS_URL;
  if (redisUrl === undefined) throw new Error('TEST_REDIS_URL is missing: run the tests with npm test');
  const [database, issuers, folder, ports] = await Promise.all([
    startDatabase(),
    startIssuer({ issuers: [{ name: 'workforce' }, { name: 'ci', algorithm: 'RS256' }, { name: 'other' }] }),
    mkdtemp(join(tmpdir(), 'sallyport-brokers-')),
    Promise.all([freePort(), freePort()]),
  ]);
  const [keysPath, policyPath] = [join(folder, 'keys.json'), join(folder, 'policy.yaml')];
  const auditKey = randomBytes(32);
  await writeFile(keysPath, JSON.stringify({ keys: [await generateSigningKey()] }), { mode: 0o600 });
  const text = policyText(issuers.origin, SECRET_SHA256);
  const policy = text.replace('introspect: [orders-db]', 'introspect: [orders-db, metrics]');
  await writeFile(policyPath, policy);
  const issuer = `http://localhost:${ports[0]}`;
  const start = async (port: number): Promise<Program> => {
    const program = await compose(
      loadConfig({
        SALLYPORT_ISSUER: issuer,
        SALLYPORT_BROKER_PORT: String(port),
        DATABASE_URL: database.as('sallyport_broker'),
        REDIS_URL: redisUrl,
        SALLYPORT_SIGNING_KEYS: keysPath,
        SALLYPORT_AUDIT_KEY: auditKey.toString('hex'),
        SALLYPORT_POLICY: policyPath,
        SALLYPORT_ALLOW_HTTP_ISSUERS: '1',
        LOG_LEVEL: 'silent',
      }),
    );
    await program.lifecycle.start();
    return program;
  };
  const programs = [await start(ports[0]), await start(ports[1])] as const;
  const basic = `${encodeURIComponent('ci-runner')}:${formEncode(SECRET)}`;
  const reader = { authorization: `Basic ${Buffer.from(basic).toString('base64')}` };
  return {
    urls: [`http://127.0.0.1:${ports[0]}`, `http://127.0.0.1:${ports[1]}`],
    issuer,
    database,
    auditKey,
    policyText: policy,
    reader,
    issue: (url) => issueToken(url, issuers),
    revoke: async (url, token) => {
      const { status } = await post(`${url}/oauth/revoke`, { client_id: 'ci', token });
      if (status !== 200) throw new Error(`revoking answered ${status}`);
      return performance.now();
    },
    introspect: async (url, token) => {
      const answer = await post(`${url}/oauth/introspect`, { token }, reader);
      return ((await answer.json()) as { readonly active: boolean }).active;
    },
    stop: (index) => programs[index].lifecycle.stop(),
    async close() {
      await Promise.all(programs.map((program) => program.lifecycle.stop()));
      await Promise.all([issuers.close(), rm(folder, { recursive: true, force: true })]);
      await database.stop();
    },
  };
}

async function issueToken(url: string, issuers: IssuerServer): Promise<string> {
  const answer = await post(`${url}/oauth/token`, {
    grant_type: TE,
    client_id: 'ci',
    subject_token: await issuers.issuer('ci').jobToken({ audience: CI_AUDIENCE, repositoryId: '123' }),
    subject_token_type: TT('id_token'),
    audience: METRICS,
    scope: 'metrics:read',
  });
  const body = (await answer.json()) as { readonly access_token?: string };
  if (body.access_token === undefined)
    throw new Error(`the exchange answered ${answer.status} ${JSON.stringify(body)}`);
  return body.access_token;
}

function post(url: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(form), headers });
}

function formEncode(text: string): string {
  return new URLSearchParams({ x: text }).toString().slice(2);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address();
      const port = address === null || typeof address === 'string' ? 0 : address.port;
      server.close(() => resolve(port));
    });
  });
}
