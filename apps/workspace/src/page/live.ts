/** Owns the stream of server-sent events that keeps one open page current: the whole view again whenever it differs. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Change, SlackEngine } from '@sallyport/testkit/slack';

const GATHER_MS = 25;
const HEARTBEAT_MS = 15_000;
const STREAMS_MAX = 64;
const BUFFERED_BYTES_MAX = 4_000_000;
const UNSEEN: ReadonlySet<Change['kind']> = new Set(['delivery', 'api', 'socket']);

export interface Live {
  /** Streams what `draw` says, now and after each change. False: too many pages are open. */
  open(req: IncomingMessage, res: ServerResponse, draw: () => unknown): boolean;
  /** Ends every stream. */
  close(): void;
}

/** Streams for one engine. A burst of changes becomes one event; a view that did not change becomes none. */
export function makeLive(engine: Pick<SlackEngine, 'subscribe'>): Live {
  const streams = new Set<() => void>();
  return {
    open(req, res, draw) {
      if (streams.size >= STREAMS_MAX) return false;
      res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
      const stop = stream(engine, res, draw);
      const end = () => {
        if (!streams.delete(end)) return;
        stop();
        res.end();
      };
      streams.add(end);
      req.once('close', end);
      res.once('close', end);
      return true;
    },
    close() {
      for (const end of [...streams]) end();
    },
  };
}

function stream(engine: Pick<SlackEngine, 'subscribe'>, res: ServerResponse, draw: () => unknown): () => void {
  let last = '';
  let waiting: NodeJS.Timeout | undefined;
  const send = () => {
    waiting = undefined;
    const drawn = drawnBy(draw);
    if (drawn === last) return;
    // A reader that does not read, or a person who is gone, is cut off; the page comes back and asks anew.
    if (drawn === undefined || res.writableLength > BUFFERED_BYTES_MAX) {
      res.destroy();
      return;
    }
    res.write(`data: ${drawn}\n\n`);
    last = drawn;
  };
  const beat = setInterval(() => res.write(': still here\n\n'), HEARTBEAT_MS);
  const unsubscribe = engine.subscribe((change) => {
    if (UNSEEN.has(change.kind)) return;
    waiting ??= setTimeout(send, GATHER_MS);
  });
  send();
  return () => {
    unsubscribe();
    clearInterval(beat);
    clearTimeout(waiting);
  };
}

function drawnBy(draw: () => unknown): string | undefined {
  try {
    return JSON.stringify(draw());
  } catch {
    return undefined;
  }
}
