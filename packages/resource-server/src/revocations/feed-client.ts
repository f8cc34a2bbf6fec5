/** The two ways to read the revocation feed: pages with a long poll, and a stream. */
import { askJson, HttpProblem, mediaTypeOf, membersOf } from '../http.ts';
import { makeEventStreamParser } from './event-stream.ts';

/** One event as it comes. The cursor is where to go on from once it is dealt with. */
export interface FeedItem {
  readonly cursor: string;
  readonly set: string;
}

export interface FeedPage {
  readonly items: readonly FeedItem[];
  readonly next: string | undefined;
}

export interface StreamListener {
  /** Anything came: an event, or only a sign of life. Called after the events of the same chunk. */
  readonly onAlive: () => void;
  /** Awaited: one after the other. */
  readonly onItem: (item: FeedItem) => Promise<void>;
}

export interface FeedClient {
  /** What came after the cursor, waiting up to `waitSeconds` for something. @throws HttpProblem */
  page(after: string | undefined, waitSeconds: number, signal: AbortSignal): Promise<FeedPage>;
  /** Listens until the stream ends. Rejects with whatever else ended it: silence, trouble, the signal, a listener. */
  stream(after: string | undefined, listener: StreamListener, signal: AbortSignal): Promise<void>;
}

export interface FeedClientDeps {
  readonly issuer: string;
  readonly authorization: string;
  readonly fetch: typeof fetch;
  /** The issuer gives a sign of life every 15 s. */
  readonly silenceMsMax: number;
}

const ANSWER_TIMEOUT_MS = 5_000;
const PAGE_BYTES_MAX = 8 * 1_024 * 1_024;
const CURSOR_LENGTH_MAX = 512;

/** Reads `ISSUER/v1/revocations`. */
export function makeFeedClient({ issuer, authorization, fetch: fetchLike, silenceMsMax }: FeedClientDeps): FeedClient {
  const address = `${issuer.replace(/\/$/, '')}/v1/revocations`;

  return {
    async page(after, waitSeconds, signal) {
      const document = await askJson(fetchLike, addressOf(address, { after, wait: String(waitSeconds) }), {
        headers: { authorization },
        timeoutMs: waitSeconds * 1_000 + ANSWER_TIMEOUT_MS,
        bodyBytesMax: PAGE_BYTES_MAX,
        signal,
      });
      return pageIn(document);
    },

    async stream(after, { onAlive, onItem }, signal) {
      const silence = new AbortController();
      const timer = setTimeout(() => silence.abort(), silenceMsMax);
      try {
        const response = await open(after, AbortSignal.any([signal, silence.signal]));
        const [parser, decoder] = [makeEventStreamParser(), new TextDecoder()];
        for await (const chunk of response.body ?? []) {
          timer.refresh();
          for (const { id, name, data } of parser.push(decoder.decode(chunk, { stream: true })))
            if (name === 'revocation') await onItem({ cursor: bounded(id), set: data });
          onAlive();
        }
      } finally {
        clearTimeout(timer);
      }
    },
  };

  async function open(after: string | undefined, signal: AbortSignal): Promise<Response> {
    const resume = after === undefined ? {} : { 'last-event-id': after };
    const headers = { accept: 'text/event-stream', authorization, ...resume };
    const response = await fetchLike(addressOf(address, { after }), { headers, redirect: 'error', signal });
    if (response.status === 200 && mediaTypeOf(response) === 'text/event-stream') return response;
    await response.body?.cancel();
    throw new HttpProblem('no stream here', response.status);
  }
}

function addressOf(address: string, params: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(params)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

function pageIn(document: unknown): FeedPage {
  const { items, next } = membersOf(document) ?? {};
  if (!Array.isArray(items)) throw new HttpProblem('not a page of the feed', 200);
  return { items: items.map(itemIn), next: typeof next === 'string' ? bounded(next) : undefined };
}

function itemIn(value: unknown): FeedItem {
  const { id, set } = membersOf(value) ?? {};
  if (typeof id !== 'string' || typeof set !== 'string') throw new HttpProblem('not an item of the feed', 200);
  return { cursor: bounded(id), set };
}

function bounded(cursor: string): string {
  if (cursor === '' || cursor.length > CURSOR_LENGTH_MAX) throw new HttpProblem('not a cursor', 200);
  return cursor;
}
