/** Tests the order of starting and stopping, the deadlines, and what signals and faults end in. */
import { EventEmitter } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { createLifecycle, type HostProcess } from './lifecycle.ts';
import { createLogger } from './logger.ts';

function stage() {
  const lines: string[] = [];
  const logger = createLogger({ name: 't', level: 'info', destination: { write: (line) => lines.push(line) } });
  const emitter = new EventEmitter();
  const exited = new Promise<number>((resolve) => {
    Object.assign(emitter, { exit: resolve });
  });
  const host = emitter as unknown as HostProcess;
  return { lines, logger, emitter, exited, lifecycle: createLifecycle(logger, host) };
}

describe('lifecycle', () => {
  test('parts start in order and stop in reverse', async () => {
    const { lifecycle } = stage();
    const done: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      lifecycle.add(name, { start: () => void done.push(`+${name}`), stop: () => void done.push(`-${name}`) });
    }
    await lifecycle.start();
    await lifecycle.stop();
    await lifecycle.stop();
    expect(done).toEqual(['+a', '+b', '+c', '-c', '-b', '-a']);
  });

  test('when a part does not start, the ones before it are stopped and the failure is thrown', async () => {
    const { lifecycle } = stage();
    const done: string[] = [];
    lifecycle.add('a', { stop: () => void done.push('-a') });
    lifecycle.add('b', { start: () => Promise.reject(new Error('no b')) });
    lifecycle.add('c', { start: () => void done.push('+c') });
    await expect(lifecycle.start()).rejects.toThrow('no b');
    expect(done).toEqual(['-a']);
  });

  test('a part that hangs or fails is logged and the others are stopped', async () => {
    const { lifecycle, lines } = stage();
    const done: string[] = [];
    lifecycle.add('first', { stop: () => void done.push('first') });
    lifecycle.add('fails', { stop: () => Promise.reject(new Error('broken')) });
    lifecycle.add('hangs', { stop: () => new Promise(() => undefined), stopMs: 20 });
    await lifecycle.start();
    await lifecycle.stop();
    expect(done).toEqual(['first']);
    expect(lines.filter((line) => line.includes('program.part_not_stopped'))).toHaveLength(2);
  });

  test('SIGTERM drains and ends with 0; a second signal changes nothing', async () => {
    const { lifecycle, emitter, exited } = stage();
    const done: string[] = [];
    const up = new Promise<void>((resolve) => {
      lifecycle.add('a', { stop: () => void done.push('-a') });
      lifecycle.add('last', { start: () => resolve() });
    });
    void lifecycle.runUntilSignal();
    await up;
    emitter.emit('SIGTERM');
    emitter.emit('SIGINT');
    expect(await exited).toBe(0);
    expect(done).toEqual(['-a']);
  });

  test('a signal while it still starts stops what was started', async () => {
    const { lifecycle, emitter, exited } = stage();
    const done: string[] = [];
    lifecycle.add('a', { stop: () => void done.push('-a') });
    lifecycle.add('slow', { start: () => new Promise(() => undefined), stop: () => void done.push('-slow') });
    void lifecycle.runUntilSignal();
    emitter.emit('SIGINT');
    expect(await exited).toBe(0);
    expect(done).toEqual(['-slow', '-a']);
  });

  test.each(['unhandledRejection', 'uncaughtException'])('%s is logged and ends with 70', async (event) => {
    const { lifecycle, emitter, exited, lines } = stage();
    void lifecycle.runUntilSignal();
    emitter.emit(event, new Error('a bug'));
    expect(await exited).toBe(70);
    expect(lines.join('')).toContain('a bug');
  });

  test('a failed start ends with 70', async () => {
    const { lifecycle, exited, lines } = stage();
    lifecycle.add('a', { start: () => Promise.reject(new Error('cannot')) });
    void lifecycle.runUntilSignal();
    expect(await exited).toBe(70);
    expect(lines.join('')).toContain('program.start_failed');
  });
});
