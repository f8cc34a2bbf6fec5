/** The doctor's look at Redis: connects and pings, with no client library. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { errorCode, isError } from '@sallyport/platform';
import { type Finding, fine, wrong } from './finding.ts';

const ANSWER_MS = 3_000;
const ANSWER_LENGTH_MAX = 4_096;
const PORT = 6_379;

/** Whether the Redis at this address answers PING. Never names the address: it may hold a password. */
export async function redisFinding(address: string): Promise<Finding> {
  try {
    await ping(new URL(address));
    return fine('redis', 'answers PING');
  } catch (thrown) {
    const why = errorCode(thrown) ?? (isError(thrown) ? thrown.message : 'no answer');
    return wrong(
      'redis',
      `does not answer: ${why}`,
      'Is it running, and is REDIS_URL its address? Nothing is unsafe without it, only slower.',
    );
  }
}

/** Resolves at +PONG; rejects with what the server or the system says. */
function ping(url: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = open(url);
    let heard = '';
    const end = (error?: Error): void => {
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    socket.setTimeout(ANSWER_MS, () => end(new Error(`no answer within ${ANSWER_MS / 1_000} s`)));
    socket.once('error', end);
    socket.once('close', () => reject(new Error('the connection was closed')));
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      const problem = /^-([^\r]*)\r\n/m.exec(heard)?.[1];
      if (problem !== undefined) end(new Error(problem));
      else if (heard.includes('+PONG\r\n')) end();
      else if (heard.length > ANSWER_LENGTH_MAX) end(new Error('it does not speak as a Redis does'));
    });
    for (const command of [...credentials(url), ['PING']]) socket.write(spelled(command));
  });
}

function open(url: URL): Socket {
  if (url.protocol === 'unix:') return connect({ path: decodeURIComponent(url.pathname) });
  const at = { host: url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1', port: Number(url.port) || PORT };
  return url.protocol === 'rediss:' ? connectTls({ ...at, servername: at.host }) : connect(at);
}

function credentials({ username, password }: URL): readonly (readonly string[])[] {
  if (password === '') return [];
  const user = username === '' ? [] : [decodeURIComponent(username)];
  return [['AUTH', ...user, decodeURIComponent(password)]];
}

/** A command as an array of bulk strings. */
function spelled(parts: readonly string[]): string {
  return `*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`;
}
