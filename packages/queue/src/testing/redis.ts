/** Owns what the integration tests of this package share: a prefix per file, its clean-up, and a way to lose Redis. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createLogger, type Logger, type Secret, secret } from '@sallyport/platform';
import { closeConnection, producerConnection, type RedisConnection, whenConnected } from '../connection.ts';

/** The Redis the tests run against. */
export function testRedisUrl(): string {
  const url = process.env.TEST_REDIS_URL;
  if (url === undefined) throw new Error('TEST_REDIS_URL is not set');
  return url;
}

/** A prefix nobody else uses. */
export function freshPrefix(): string {
  return `test-${randomBytes(6).toString('hex')}`;
}

/** A log whose lines can be read. */
export function heardLogger(): { readonly logger: Logger; readonly events: () => string[] } {
  const lines: string[] = [];
  const logger = createLogger({
    name: 'test',
    level: 'trace',
    destination: { write: (line) => void lines.push(line) },
  });
  return { logger, events: () => lines.map((line) => String((JSON.parse(line) as { event: unknown }).event)) };
}

/** A connected producer connection. */
export async function connected(url: Secret<string> = secret(testRedisUrl())): Promise<RedisConnection> {
  const connection = producerConnection({ url, logger: heardLogger().logger });
  await whenConnected(connection, 5_000);
  return connection;
}

/** Deletes every key of a prefix: what FLUSHALL would do to us, without doing it to others. */
export async function flushPrefix(prefix: string): Promise<number> {
  const connection = await connected();
  let cursor = '0';
  let gone = 0;
  do {
    const [next, keys] = await connection.scan(cursor, 'MATCH', `${prefix}:*`, 'COUNT', 1_000);
    cursor = next;
    if (keys.length > 0) gone += await connection.del(...keys);
  } while (cursor !== '0');
  await closeConnection(connection);
  return gone;
}

/** Waits until something holds; 30 s at most. */
export async function until(holds: () => boolean | Promise<boolean>, what = 'the condition'): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what} did not come true`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Whether work ends before a timer that begins with it. Timers of one process fire in their order, however busy the machine is. */
export async function isSooner(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A TCP proxy in front of Redis that can lose it: refused (`down`), silent (`silent`: bytes are held back), and back (`up`). */
export interface RedisProxy {
  readonly url: Secret<string>;
  down(): Promise<void>;
  silent(): void;
  up(): Promise<void>;
  close(): Promise<void>;
}

/** The address of the tests' Redis, user and password included, by way of a port of ours. */
function throughProxy(target: URL, port: number): string {
  const through = new URL(target);
  through.hostname = '127.0.0.1';
  through.port = String(port);
  return through.href;
}

/** Starts a proxy in front of the tests' Redis. */
export async function startProxy(): Promise<RedisProxy> {
  const target = new URL(testRedisUrl());
  const pairs = new Set<readonly [Socket, Socket]>();
  let mute = false;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port === '' ? 6379 : target.port), target.hostname);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => client.write(bytes));
    if (mute) for (const socket of pair) socket.pause();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const down = async () => {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    for (const [client] of [...pairs]) client.destroy();
    await closed;
  };
  return {
    url: secret(throughProxy(target, port)),
    down,
    silent: () => {
      mute = true;
      for (const socket of [...pairs].flat()) socket.pause();
    },
    async up() {
      mute = false;
      for (const socket of [...pairs].flat()) socket.resume();
      if (server.listening) return;
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    close: down,
  };
}
