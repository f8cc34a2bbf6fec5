/** `sallyport doctor` against programs that answer, and some that do not. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { type Canned, cannedBroker } from '../testing/canned-broker.ts';
import { stage } from '../testing/stage.ts';

interface Found {
  readonly state: string;
  readonly said: string;
  readonly next?: string;
}

const READY: Canned = { status: 200, body: { ready: true } };
const KEY = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'one', alg: 'ES256', use: 'sig' };
const jwks = (key: object): Canned => ({ status: 200, body: { keys: [key] } });
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface House {
  readonly broker?: Canned;
  readonly slack?: Canned;
  readonly worker?: Canned;
  readonly jwks?: Canned;
  readonly env?: Readonly<Record<string, string>>;
}

/** Examines a house whose programs answer so. */
async function examine(house: House = {}) {
  const servers = await Promise.all(
    [house.broker ?? READY, house.slack ?? READY, house.worker ?? READY, house.jwks ?? jwks(KEY)].map((one) =>
      cannedBroker([one]),
    ),
  );
  const [broker, slack, worker, keys] = servers.map((server) => server.origin);
  const portOf = (origin = '') => new URL(origin).port;
  const env = {
    SALLYPORT_BROKER_PORT: portOf(broker),
    SALLYPORT_SLACK_PORT: portOf(slack),
    SALLYPORT_WORKER_PORT: portOf(worker),
    SALLYPORT_ISSUER: keys ?? '',
    ...house.env,
  };
  try {
    const { exit, stdout } = await stage(['doctor', '--json'], { env });
    const { findings } = JSON.parse(stdout) as { findings: readonly (Found & { readonly name: string })[] };
    return { exit, of: (name: string): Found | undefined => findings.find((one) => one.name === name), env };
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}

/** A server that says `answer` to whoever connects. */
async function listening(answer: string): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, close: () => void server.close() };
}

describe('doctor', () => {
  test('finds the three programs at the ports of the contract', async () => {
    const { of } = await examine();
    for (const name of ['environment', 'broker', 'slack', 'worker', 'jwks']) expect(of(name)?.state).toBe('ok');
  });

  test('says what a program lacks, and tells it from a stranger on its port', async () => {
    const lacks: Canned = { status: 503, body: { ready: false, missing: { postgres: 'unreachable' } } };
    const stranger: Canned = { status: 404, body: '<html></html>', headers: { 'content-type': 'text/html' } };
    const { exit, of } = await examine({ broker: lacks, worker: stranger });
    expect(exit).toBe(EXIT.problem);
    expect(of('broker')).toMatchObject({ state: 'wrong', said: expect.stringContaining('postgres (unreachable)') });
    expect(of('worker')).toMatchObject({ state: 'wrong', said: expect.stringContaining('something else answers') });
  });

  test('a private key that is published is worth the loudest word', async () => {
    const { of } = await examine({ jwks: jwks({ ...KEY, d: 'secret' }) });
    expect(of('jwks')).toMatchObject({ state: 'wrong', said: expect.stringContaining('private half') });
    expect(JSON.stringify(of('jwks'))).not.toContain('secret');
  });

  test('a key without alg fails some verifiers, and so it fails here', async () => {
    const { alg: _, ...without } = KEY;
    expect((await examine({ jwks: jwks(without) })).of('jwks')?.state).toBe('wrong');
  });

  test('one bad setting hides nothing else', async () => {
    const { of } = await examine({ env: { LOG_LEVEL: 'loud', SALLYPORT_POLICY: join(folder, 'nowhere') } });
    expect(of('environment')).toMatchObject({ state: 'wrong', said: expect.stringContaining('LOG_LEVEL') });
    expect(of('policy')).toMatchObject({ state: 'wrong', next: expect.stringContaining('sallyport policy check') });
    expect(of('broker')?.state).toBe('ok');
  });

  test('signing keys are read as the broker reads them', async () => {
    const file = join(folder, 'keys.json');
    await stage(['keys', 'generate', '--out', file]);
    expect((await examine({ env: { SALLYPORT_SIGNING_KEYS: file } })).of('signing keys')?.state).toBe('ok');
    const { keys } = JSON.parse(await readFile(file, 'utf8'));
    const half = join(folder, 'half.json');
    await writeFile(half, JSON.stringify({ keys: [{ ...keys[0], d: undefined }] }));
    expect((await examine({ env: { SALLYPORT_SIGNING_KEYS: half } })).of('signing keys')?.state).toBe('wrong');
  });

  test('Postgres: missing and away are told apart', async () => {
    expect((await examine()).of('postgres')?.said).toBe('DATABASE_URL is not set');
    const away = await examine({ env: { DATABASE_URL: 'postgres://x@127.0.0.1:4/x' } });
    expect(away.of('postgres')).toMatchObject({ state: 'wrong', said: 'unreachable' });
  });

  test('Redis: answers, refuses, is not one; its password is never shown', async () => {
    const good = await listening('+OK\r\n+PONG\r\n');
    const closed = await listening('-WRONGPASS invalid username-password pair\r\n');
    const other = await listening('HTTP/1.1 400 Bad Request\r\n\r\n');
    const at = (port: number) => ({ env: { REDIS_URL: `redis://:hunter2-hunter2@127.0.0.1:${port}/0` } });
    expect((await examine(at(good.port))).of('redis')?.state).toBe('ok');
    const refused = (await examine(at(closed.port))).of('redis');
    expect(refused).toMatchObject({ state: 'wrong', said: expect.stringContaining('WRONGPASS') });
    expect(JSON.stringify(refused)).not.toContain('hunter2');
    expect((await examine(at(other.port))).of('redis')?.state).toBe('wrong');
    for (const server of [good, closed, other]) server.close();
  });

  test('people get one line each', async () => {
    const { env } = await examine();
    const { exit, stdout } = await stage(['doctor'], { env });
    expect(exit).toBe(EXIT.problem);
    expect(stdout).toMatch(/^wrong {4}broker {9}no answer at .*→ Start everything with npm start/m);
    expect(stdout).toMatch(/\d of 9 need attention\n$/);
  });
});
