/** Tests of where lines go: a turn's lines in one write, an error at once, nothing lost at the end. */
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type LogSink, openLogSink } from './log-sink.ts';
import { createLogger } from './logger.ts';

let folder: string;
let file: string;
let sink: LogSink;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-log-'));
  file = join(folder, 'log');
  sink = openLogSink(openSync(file, 'w'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const events = (): readonly string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { readonly event: string }).event);
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('the lines of one turn are out at its end, in their order', async () => {
  const logger = createLogger({ name: 'x', level: 'info', destination: sink });
  for (const event of ['a', 'b', 'c']) logger.info(event);
  await turn();
  await turn();
  expect(events()).toEqual(['a', 'b', 'c']);
});

test('an error is out at once, and what was said before it', () => {
  const logger = createLogger({ name: 'x', level: 'info', destination: sink });
  logger.info('before');
  logger.error('fault', { err: new Error('why') });
  expect(events()).toEqual(['before', 'fault']);
});

test('so is the error of a child', () => {
  const logger = createLogger({ name: 'x', level: 'info', destination: sink }).child({ part: 'p' });
  logger.info('before');
  logger.error('fault');
  expect(events()).toEqual(['before', 'fault']);
});

test('many lines are all there, whole', async () => {
  const logger = createLogger({ name: 'x', level: 'info', destination: sink });
  for (let count = 0; count < 2_000; count++) logger.info(`e${count}`, { detail: 'x'.repeat(count % 250) });
  await turn();
  await turn();
  expect(events()).toEqual(Array.from({ length: 2_000 }, (_, count) => `e${count}`));
});
