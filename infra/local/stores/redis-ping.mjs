/** Asks a Redis whether it answers, without a client library. */
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

const ANSWER_MS = 3_000;
const PORT = 6379;

const bulk = (parts) =>
  `*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`;

function open(url) {
  if (url.protocol === 'unix:') return connect({ path: decodeURIComponent(url.pathname) });
  const where = { host: url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1', port: Number(url.port) || PORT };
  return url.protocol === 'rediss:' ? connectTls({ ...where, servername: where.host }) : connect(where);
}

/** Sends AUTH (if the address has a password) and PING; resolves at +PONG, rejects with what the server or the system says. */
export function pingRedis(address) {
  const url = new URL(address);
  const user = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  return new Promise((resolve, reject) => {
    const socket = open(url);
    let heard = '';
    const fail = (error) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(ANSWER_MS, () => fail(new Error('no answer')));
    socket.once('error', fail);
    socket.once('close', () => reject(new Error('connection closed')));
    socket.on('data', (chunk) => {
      heard += chunk;
      const problem = /^-(.*)\r\n/m.exec(heard)?.[1];
      if (problem !== undefined) return fail(new Error(problem));
      if (!heard.includes('+PONG')) return;
      resolve();
      socket.destroy();
    });
    if (password) socket.write(bulk(['AUTH', ...(user ? [user] : []), password]));
    socket.write(bulk(['PING']));
  });
}
