/** A balancer in front of several processes of one program: connections in turn, past those that take none. */
import { connect, createServer, type Socket } from 'node:net';

export interface Balancer {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on `port` and hands each connection to the next of `targets` (ports) that takes it. */
export async function startBalancer(port: number, targets: readonly number[]): Promise<Balancer> {
  const open = new Set<Socket>();
  let turn = 0;
  const server = createServer((client) => {
    keep(open, client);
    turn += 1;
    const from = turn % targets.length;
    hand(client, [...targets.slice(from), ...targets.slice(0, from)], open);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port }, resolve);
  });
  return {
    port,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** What was taken and then lost stays lost, as with any balancer: only a connection that was refused is tried elsewhere. */
function hand(client: Socket, [first, ...others]: readonly number[], open: Set<Socket>): void {
  if (first === undefined) return void client.destroy();
  const upstream = connect({ host: '127.0.0.1', port: first });
  keep(open, upstream);
  const refused = (): void => hand(client, others, open);
  upstream.once('error', refused);
  upstream.once('connect', () => {
    upstream.off('error', refused);
    upstream.on('error', () => client.destroy());
    upstream.once('close', () => client.destroy());
    client.once('close', () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  });
}

function keep(open: Set<Socket>, socket: Socket): void {
  open.add(socket);
  socket.on('error', () => socket.destroy());
  socket.once('close', () => open.delete(socket));
}
