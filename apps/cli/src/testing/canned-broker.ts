/** A tiny HTTP server that answers what it is told to, in order, and remembers what it was asked. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Canned {
  readonly status: number;
  /** JSON unless it is a text; or made from the address of this very server. */
  readonly body?: object | string | ((origin: string) => object);
  readonly headers?: Readonly<Record<string, string>>;
  /** Breaks the connection instead of answering. */
  readonly breaks?: boolean;
  /** Never answers, as a poll that is held for long. */
  readonly holds?: boolean;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The body as a form. */
  readonly form: URLSearchParams;
}

export interface CannedBroker {
  readonly origin: string;
  readonly asked: readonly Asked[];
  /** Reads of a request, where they have answers of their own. */
  readonly viewed: readonly Asked[];
  /** What a caller's environment says to come here. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface CannedOptions {
  /** Answers to reads of a request; without them such reads are like all others. */
  readonly views?: readonly Canned[];
  /** Told of every call but those reads, before it is answered. */
  readonly onAsked?: (asked: Asked) => void;
  /** Told how many of those reads there were by now. */
  readonly onViewed?: (count: number) => void;
}

/** Starts a server that gives these answers, one per request; the last one is given for ever. */
export async function cannedBroker(
  answers: readonly Canned[],
  { views, onAsked, onViewed }: CannedOptions = {},
): Promise<CannedBroker> {
  const asked: Asked[] = [];
  const viewed: Asked[] = [];
  const server = createServer((req, res) => {
    void read(req).then((body) => {
      const isView =
        views !== undefined && req.method === 'GET' && req.url?.startsWith('/v1/access-requests/') === true;
      const [given, so] = isView ? [views, viewed] : [answers, asked];
      const answer = given[Math.min(so.length, given.length - 1)] ?? { status: 500 };
      const one: Asked = {
        method: req.method ?? '',
        path: req.url ?? '',
        headers: req.headers,
        body,
        form: new URLSearchParams(body),
      };
      so.push(one);
      if (isView) onViewed?.(viewed.length);
      else onAsked?.(one);
      if (answer.breaks === true) return void req.socket.destroy();
      if (answer.holds === true) return;
      res.writeHead(answer.status, headersOf(answer)).end(textOf(answer.body, origin()));
    });
  });
  const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: origin(),
    asked,
    viewed,
    env: { SALLYPORT_ISSUER: origin(), SALLYPORT_TOKEN: TOKEN },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Runs `work` with such a server and closes it. */
export async function withBroker<T>(
  answers: readonly Canned[],
  work: (broker: CannedBroker) => Promise<T>,
  options: CannedOptions = {},
): Promise<T> {
  const broker = await cannedBroker(answers, options);
  try {
    return await work(broker);
  } finally {
    await broker.close();
  }
}

export const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqb2IifQ.c2ln';

async function read(req: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of req) text += String(chunk);
  return text;
}

function headersOf({ status, body, headers = {} }: Canned): Readonly<Record<string, string>> {
  if (body === undefined || typeof body === 'string') return headers;
  const problem = 'code' in body && status >= 400;
  return { 'content-type': `application/${problem ? 'problem+json' : 'json'}; charset=utf-8`, ...headers };
}

function textOf(body: Canned['body'], origin: string): string {
  if (body === undefined) return '';
  if (typeof body === 'function') return JSON.stringify(body(origin));
  return typeof body === 'string' ? body : JSON.stringify(body);
}
