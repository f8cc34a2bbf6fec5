/** Reading the feed over HTTP: what is no feed is an error, and silence has an end. */
import { createServer, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HttpProblem } from '../http.ts';
import { type Listening, listen } from '../test-support/listen.ts';
import { type FeedClient, type FeedItem, makeFeedClient } from './feed-client.ts';

let listening: Listening;
let client: FeedClient;
let answer: (res: ServerResponse) => void;
beforeEach(async () => {
  listening = await listen(createServer((_, res) => answer(res)));
  client = makeFeedClient({ issuer: listening.origin, authorization: 'Basic eA==', fetch, silenceMsMax: 60 });
});
afterEach(() => listening.close());

const never = new AbortController().signal;
const heard = async (): Promise<{ items: FeedItem[]; signs: number; problem: unknown }> => {
  const items: FeedItem[] = [];
  let signs = 0;
  const onItem = async (item: FeedItem): Promise<void> => void items.push(item);
  const onAlive = (): void => {
    signs += 1;
  };
  const problem = await client.stream(undefined, { onItem, onAlive }, never).catch((error: unknown) => error);
  return { items, signs, problem };
};

describe('a stream', () => {
  const streaming =
    (...parts: string[]) =>
    (res: ServerResponse) => {
      res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      for (const part of parts) res.write(part);
    };

  test('says what it says, until it is silent for too long', async () => {
    answer = streaming(': hello\n\n', 'id: c1\nevent: revocation\ndata: one\n\nevent: other\ndata: x\n\n');
    const { items, signs, problem } = await heard();
    expect(items).toEqual([{ cursor: 'c1', set: 'one' }]);
    expect(signs).toBeGreaterThan(0);
    expect(problem).toBeDefined();
  });

  test('a server that never answers is left as well', async () => {
    answer = () => {};
    expect((await heard()).problem).toBeDefined();
  });

  test('an event without a cursor, or with a huge one, is no event to go on from', async () => {
    answer = streaming('event: revocation\ndata: one\n\n');
    expect((await heard()).problem).toBeInstanceOf(HttpProblem);
    answer = streaming(`id: ${'x'.repeat(600)}\nevent: revocation\ndata: one\n\n`);
    expect((await heard()).problem).toBeInstanceOf(HttpProblem);
  });

  test('an event without an end is left', async () => {
    answer = streaming(`data: ${'x'.repeat(100_000)}`);
    expect((await heard()).problem).toBeInstanceOf(RangeError);
  });

  test.each([
    [200, 'application/json'],
    [200, 'text/html'],
    [302, 'text/event-stream'],
    [401, 'application/json'],
  ])('%i %s is no stream', async (status, type) => {
    answer = (res) => res.writeHead(status, { 'content-type': type, location: '/' }).end('{}');
    expect((await heard()).problem).toBeDefined();
  });
});

describe('a page', () => {
  test.each([
    '[]',
    '{}',
    '{"items":{}}',
    '{"items":[1]}',
    '{"items":[{"id":1,"set":"x"}]}',
    '{"items":[{"id":"","set":"x"}]}',
    '{"items":[{"id":"a"}]}',
    '{"items":[],"next":""}',
    'x',
  ])('%s is none', async (body) => {
    answer = (res) => res.writeHead(200).end(body);
    await expect(client.page(undefined, 0, never)).rejects.toBeInstanceOf(HttpProblem);
  });

  test('the last page names no next, or null', async () => {
    for (const body of ['{"items":[]}', '{"items":[],"next":null}']) {
      answer = (res) => res.writeHead(200).end(body);
      await expect(client.page('c', 0, never)).resolves.toEqual({ items: [], next: undefined });
    }
  });
});
