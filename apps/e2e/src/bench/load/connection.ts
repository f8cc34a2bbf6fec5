/** One keep-alive HTTP/1.1 connection that sends requests made beforehand: as little work for each as can be. */
import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

export interface Connection {
  /** Sends one whole request; `answered` is called with its reply. One at a time. */
  send(request: Buffer, answered: (reply: Reply) => void): void;
  close(): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: *(\d+)/i;

/** The bytes of a request. */
export function requestBytes(
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  method = 'POST',
): Buffer {
  const all = { host: '127.0.0.1', ...headers, 'content-length': String(Buffer.byteLength(body)) };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n${body}`);
}

/** Opens a connection to a port on loopback. `lost` is called when it breaks with a request under way. */
export function openConnection(port: number, lost: (why: string) => void): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(overSocket(socket, lost));
    });
  });
}

function overSocket(socket: Socket, lost: (why: string) => void): Connection {
  let waiting: ((reply: Reply) => void) | undefined;
  let pending: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const reply = readReply(pending);
    if (reply === undefined || waiting === undefined) return;
    pending = Buffer.alloc(0);
    const answered = waiting;
    waiting = undefined;
    answered(reply);
  });
  socket.on('error', (error) => {
    if (waiting !== undefined) lost(error.message);
  });
  socket.on('close', () => {
    if (waiting !== undefined) lost('closed');
  });
  return {
    send: (request, answered) => {
      waiting = answered;
      socket.write(request);
    },
    close: () => {
      waiting = undefined;
      socket.destroy();
    },
  };
}

/** The reply, once all of it is there. Servers here always say how long it is. */
function readReply(bytes: Buffer): Reply | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const length = LENGTH.exec(head)?.[1];
  if (length === undefined) throw new Error(`an answer without a length: ${head.slice(0, 200)}`);
  const from = end + HEAD_END.length;
  const to = from + Number(length);
  return bytes.length < to ? undefined : { status: Number(head.slice(9, 12)), body: bytes.subarray(from, to) };
}
