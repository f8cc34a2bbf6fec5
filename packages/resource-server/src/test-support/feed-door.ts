/** The revocation feed as an issuer serves it: pages, long polls, streams; and the troubles of the way there. */
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface FeedDoor {
  /** Adds an event, whatever it is, and tells everybody who listens. */
  publish(set: string): void;
  /** `polls`: streams are refused. `silent`: streams open and say nothing. `down`: 503. `forgetful`: the next cursor is refused. */
  mode: 'streams' | 'polls' | 'silent' | 'down' | 'forgetful';
  /** Cuts every connection that listens. */
  drop(): void;
  /** A sign of life to all who listen. */
  ping(): void;
  readonly listening: number;
  readonly asked: readonly { readonly after: string | undefined; readonly stream: boolean }[];
  answer(req: IncomingMessage, res: ServerResponse, url: URL): void;
}

const PAGE_ITEMS = 3;

export function makeFeedDoor(): FeedDoor {
  const items: { readonly id: string; readonly set: string }[] = [];
  const streams = new Set<ServerResponse>();
  const held = new Set<() => void>();
  const asked: { after: string | undefined; stream: boolean }[] = [];
  const from = (after: string | undefined): number =>
    after === undefined ? 0 : items.findIndex(({ id }) => id === after) + 1;
  const written = ({ id, set }: { id: string; set: string }): string =>
    `id: ${id}\nevent: revocation\ndata: ${set}\n\n`;

  function page(res: ServerResponse, after: string | undefined): void {
    const found = items.slice(from(after), from(after) + PAGE_ITEMS);
    const body = { items: found, next: found.at(-1)?.id ?? after ?? null };
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  function hold(res: ServerResponse, after: string | undefined, waitMs: number): void {
    const answer = (): void => {
      clearTimeout(timer);
      held.delete(answer);
      if (!res.writableEnded) page(res, after);
    };
    const timer = setTimeout(answer, waitMs);
    res.on('close', answer);
    held.add(answer);
  }

  function stream(res: ServerResponse, after: string | undefined): void {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.flushHeaders();
    streams.add(res);
    res.on('close', () => streams.delete(res));
    if (door.mode !== 'silent') res.write(`: hello\n\n${items.slice(from(after)).map(written).join('')}`);
  }

  const door: FeedDoor = {
    mode: 'streams',
    publish(set) {
      const item = { id: `cur-${items.length + 1}`, set };
      items.push(item);
      if (door.mode !== 'silent') for (const res of streams) res.write(written(item));
      for (const answer of [...held]) answer();
    },
    drop() {
      for (const res of streams) res.destroy();
      for (const answer of [...held]) answer();
    },
    ping() {
      for (const res of streams) res.write(': ping\n\n');
    },
    get listening() {
      return streams.size + held.size;
    },
    asked,
    answer(req, res, url) {
      const wantsStream = req.headers.accept === 'text/event-stream';
      const after = url.searchParams.get('after') ?? undefined;
      asked.push({ after, stream: wantsStream });
      if (door.mode === 'down') return void res.writeHead(503).end();
      if (door.mode === 'forgetful' && after !== undefined) {
        door.mode = 'streams';
        return void res.writeHead(410).end();
      }
      if (wantsStream && door.mode === 'polls') return void res.writeHead(406).end();
      if (wantsStream) return stream(res, after);
      const waitMs = Number(url.searchParams.get('wait') ?? '0') * 1_000;
      return waitMs > 0 && from(after) === items.length ? hold(res, after, waitMs) : page(res, after);
    },
  };
  return door;
}
