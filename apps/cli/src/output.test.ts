/** What reaches a terminal. */
import { expect, test } from '@jest/globals';
import { makeOutput, plain } from './output.ts';

test('foreign text cannot repaint, reorder or break the line an approver reads', () => {
  expect(plain('ok\u001b[2K\rapproved')).toBe('ok\ufffd[2K approved');
  expect(plain('read\n  scopes   nothing')).toBe('read   scopes   nothing');
  expect(plain('a\u202eb\u200bc\u0007\u009b1m')).toBe('a\ufffdb\ufffdc\ufffd\ufffd1m');
  expect(plain('Grüße, Ωμέγα, 日本')).toBe('Grüße, Ωμέγα, 日本');
});

test('a long result waits for the reader', async () => {
  const listeners: (() => void)[] = [];
  const screen = {
    isTTY: false,
    write: () => false,
    once: (_: 'drain', listener: () => void) => listeners.push(listener),
  };
  const out = makeOutput(
    {
      env: {},
      stdin: (async function* () {})(),
      stdout: screen,
      stderr: screen,
      clock: () => 0,
      now: () => 0,
      sleep: async () => undefined,
      every: () => () => undefined,
      interruption: () => new AbortController().signal,
      root: '/',
    },
    false,
  );
  let written = false;
  const chunk = out.chunk('x').then(() => {
    written = true;
  });
  await Promise.resolve();
  expect(written).toBe(false);
  for (const listener of listeners) listener();
  await chunk;
  expect(written).toBe(true);
});
