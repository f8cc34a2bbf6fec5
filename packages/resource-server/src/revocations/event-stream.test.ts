/** Server-sent events, as the HTML standard has them. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makeEventStreamParser, type StreamEvent } from './event-stream.ts';

const parsed = (...chunks: string[]): readonly StreamEvent[] => {
  const parser = makeEventStreamParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
};

test('an event has a name, an id that stays, and its data lines joined', () => {
  const text = '\uFEFFid: 7\nevent: revocation\ndata: a\ndata:b\n\ndata: c\n\n';
  expect(parsed(text)).toEqual([
    { id: '7', name: 'revocation', data: 'a\nb' },
    { id: '7', name: 'message', data: 'c' },
  ]);
});

test('comments, unknown fields, ids with NUL and events without data are nothing', () => {
  expect(parsed(': ping\n\nretry: 5\nfoo\nid: a\0b\nevent: x\n\ndata: y\n\n')).toEqual([
    { id: '', name: 'message', data: 'y' },
  ]);
});

test('half an event is none', () => {
  expect(parsed('data: x\n')).toEqual([]);
  expect(parsed('data: x')).toEqual([]);
});

describe('bounds', () => {
  test.each(['a line', 'an event'])('%s without an end is refused', (what) => {
    const piece = what === 'a line' ? 'data: xxxxxxxxxxxxxxxxxx' : 'data: xxxxxxxxxxxxxxxxxx\n';
    const parser = makeEventStreamParser();
    const push = (): void => {
      for (let n = 0; n < 10_000; n += 1) parser.push(piece);
    };
    expect(push).toThrow(RangeError);
  });
});

test('where the text is cut makes no difference, nor how lines end', () => {
  const field = fc.constantFrom('data: a', 'data:', 'data', 'id: 1', 'id', 'event: e', ': c', '', 'x: y', 'data: ä€');
  const ending = fc.constantFrom('\n', '\r\n', '\r');
  const text = fc.array(fc.tuple(field, ending), { maxLength: 30 }).map((lines) => `${lines.flat().join('')}\n\n`);
  const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 10 });
  fc.assert(
    fc.property(text, cuts, (whole, at) => {
      const edges = [0, ...at.map((one) => Math.min(one, whole.length)), whole.length].sort((a, b) => a - b);
      const chunks = edges.slice(1).map((end, index) => whole.slice(edges[index], end));
      expect(parsed(...chunks)).toEqual(parsed(whole));
    }),
  );
});
