/** Owns whether a client that is kept waiting is still there. */
import type { FastifyRequest } from 'fastify';

/** Does something that may take long for a client; `gone` aborts when it hangs up before. */
export async function whileConnected<T>(
  { raw: { socket } }: FastifyRequest,
  work: (gone: AbortSignal) => Promise<T>,
): Promise<T> {
  const hungUp = new AbortController();
  const hangUp = () => hungUp.abort();
  if (socket.destroyed) hangUp();
  socket.once('close', hangUp);
  try {
    return await work(hungUp.signal);
  } finally {
    socket.off('close', hangUp); // the connection may carry many more
  }
}
