/** Readers of the feed for tests: a stream over a real socket, and what an event says to somebody who knows nothing of us. */
import { get, type IncomingMessage } from 'node:http';
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';

export interface StreamedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

export interface OpenStream {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  /** What came so far. */
  readonly events: readonly StreamedEvent[];
  /** When each came, by the monotonic clock, in milliseconds. */
  readonly arrivals: readonly number[];
  /** Signs of life so far. */
  pings(): number;
  /** Waits until a condition holds; fails after five seconds. */
  until(what: string, holds: () => boolean): Promise<void>;
  /** Stops reading, without closing. */
  pause(): void;
  /** Goes on reading. */
  resume(): void;
  ended(): boolean;
  close(): void;
}

/** Opens a stream and reads it as it comes. */
export async function openStream(url: string, headers: Readonly<Record<string, string>>): Promise<OpenStream> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers: { accept: 'text/event-stream', ...headers }, agent: false }, resolve).on('error', reject);
  });
  const events: StreamedEvent[] = [];
  const arrivals: number[] = [];
  let [rest, pings, ended] = ['', 0, false];
  answer.setEncoding('utf8');
  answer.on('data', (chunk: string) => {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) {
        pings += 1;
        continue;
      }
      events.push(eventIn(block));
      arrivals.push(performance.now());
    }
  });
  const over = (): void => {
    ended = true;
  };
  for (const name of ['end', 'close', 'error']) answer.on(name, over);
  return {
    status: answer.statusCode,
    headers: answer.headers,
    events,
    arrivals,
    pings: () => pings,
    ended: () => ended,
    pause: () => void answer.pause(),
    resume: () => void answer.resume(),
    close: () => void answer.destroy(),
    until: (what, holds) => until(what, holds),
  };
}

function eventIn(block: string): StreamedEvent {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.replace(/^\w+: /, '')]),
  );
  return { id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: fields.get('data') ?? '' };
}

/** Waits until a condition holds; fails after `boundMs`. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, boundMs = 5_000): Promise<void> {
  const deadline = Date.now() + boundMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** An event, verified by the published keys alone. */
export async function openSet(set: string, jwks: JSONWebKeySet, issuer: string): Promise<JWTPayload> {
  const { payload } = await jwtVerify(set, createLocalJWKSet(jwks), {
    issuer,
    typ: 'secevent+jwt',
    algorithms: ['ES256'],
  });
  return payload;
}
