/** Lines out of a stream. */
import { expect, test } from '@jest/globals';
import { linesOf } from './lines.ts';

async function lines(...chunks: (string | Uint8Array)[]): Promise<readonly string[]> {
  const found: string[] = [];
  const stream = (async function* () {
    yield* chunks;
  })();
  for await (const line of linesOf(stream)) found.push(line);
  return found;
}

test('chunks may end anywhere, also inside a character', async () => {
  const bytes = Buffer.from('{"a":"ü"}\nb');
  expect(await lines(bytes.subarray(0, 7), bytes.subarray(7))).toEqual(['{"a":"ü"}', 'b']);
});

test('the last line needs no end, and Windows may have been there', async () => {
  expect(await lines('a\r\n', 'b\r\n', 'c')).toEqual(['a', 'b', 'c']);
});

test('an endless line is one bad line, not the end of memory', async () => {
  const found = await lines(...Array.from({ length: 40 }, () => 'x'.repeat(100_000)), '\nnext');
  expect([found.length, found[1]]).toEqual([2, 'next']);
  expect(found[0]?.length).toBeLessThan(1_200_000);
});
