/** Real servers on loopback, and waiting for conditions with a bound. */
import type { Server } from 'node:http';

export interface Listening {
  readonly origin: string;
  close(): Promise<void>;
}

/** Listens on a port nobody uses. */
export async function listen(server: Server): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const BOUND_MS = 10_000;
const LOOK_EVERY_MS = 5;

/** Resolves when the condition holds. @throws Error when it does not within 10 s */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let rounds = BOUND_MS / LOOK_EVERY_MS; rounds > 0; rounds -= 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Error(`in vain: ${what}`);
}
