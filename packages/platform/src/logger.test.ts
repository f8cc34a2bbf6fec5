/** Tests that a log line holds what is on the list and nothing else (I-15). */
import { describe, expect, test } from '@jest/globals';
import type { LogFields } from './log-fields.ts';
import { createLogger } from './logger.ts';

function logWith(level: 'trace' | 'info' | 'silent' = 'trace') {
  const lines: string[] = [];
  const logger = createLogger({ name: 'broker', level, destination: { write: (line) => lines.push(line) } });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

describe('logger', () => {
  test('a line has level, UTC time, program, event and the fields in snake_case', () => {
    const { logger, last } = logWith();
    logger.info('request.opened', { requestId: 'req_1', ms: 12, outboxId: '7' });
    expect(last()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      name: 'broker',
      event: 'request.opened',
      request_id: 'req_1',
      ms: 12,
      outbox_id: '7',
    });
  });

  test('I-15: fields that are not on the list are dropped at run time, whatever their name', () => {
    const { logger, lines } = logWith();
    const sneaky = {
      authorization: 'canary',
      body: { token: 'canary' },
      toString: 'canary',
      requestId: { nested: 'canary' },
      ms: 'canary',
      grantId: 'grt_1',
    } as unknown as LogFields;
    logger.error('x', sneaky);
    expect(lines[0]).not.toContain('canary');
    expect(lines[0]).toContain('grt_1');
  });

  test('I-15: credentials in addresses and in messages of libraries do not get out', () => {
    const { logger, lines } = logWith();
    const err = Object.assign(
      new Error(
        'connect postgres://u:pw-canary@db failed for Bearer canary-abcdefgh, xoxb-1-canary eyJhbGciOiJub25l.canary.x',
      ),
      { code: 'ECONNREFUSED', config: { headers: 'canary' } },
    );
    logger.error('x', { url: 'https://u:canary@h.test/p?code=canary#canary', err });
    expect(lines[0]).not.toContain('canary');
    expect(lines[0]).toContain('https://h.test/p');
    expect(lines[0]).toContain('ECONNREFUSED');
  });

  test('control and bidi characters are escaped; a forged second line stays in its field', () => {
    const { logger, lines, last } = logWith();
    logger.warn('x', { detail: 'a\n{"level":"error"}\u001b[31m\u202e\u0085\ud800' });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toContain('\n');
    expect(last().detail).toBe('a\\u000a{"level":"error"}\\u001b[31m\\u202e\\u0085\ufffd');
  });

  test('a line has at most 8 kB, however long its fields', () => {
    const { logger, lines, last } = logWith();
    const err = new Error('é'.repeat(100_000), { cause: new Error('€'.repeat(100_000)) });
    const wide = Object.fromEntries(
      ['requestId', 'detail', 'file', 'key', 'job', 'person', 'rule', 'role', 'resource'].map((n) => [
        n,
        '€'.repeat(9_999),
      ]),
    );
    logger.error('€'.repeat(9_999), { ...wide, err });
    expect(Buffer.byteLength(lines[0] ?? '')).toBeLessThanOrEqual(8_192);
    expect(last().request_id).toContain('…');
  });

  test('a fault has a stack at level error only, and its cause', () => {
    const { logger, last } = logWith();
    const err = new TypeError('broken', { cause: new Error('deeper') });
    logger.error('x', { err });
    expect(last().err).toMatchObject({
      name: 'TypeError',
      message: 'broken',
      stack: expect.arrayContaining([expect.stringContaining('logger.test')]),
      cause: { name: 'Error', message: 'deeper' },
    });
    logger.warn('x', { err });
    expect(last().err).not.toHaveProperty('stack');
    logger.warn('x', { err: 'text-canary' });
    expect(last().err).toEqual({ name: 'NotAnError', message: 'string' });
  });

  test('a child carries its context, and the level is kept', () => {
    const { logger, lines, last } = logWith('info');
    logger.child({ traceId: 't1' }).child({ part: 'relay' }).info('x', { count: 1 });
    expect(last()).toMatchObject({ trace_id: 't1', part: 'relay', count: 1 });
    logger.debug('x');
    expect(lines).toHaveLength(1);
    const quiet = logWith('silent');
    quiet.logger.error('x');
    expect(quiet.lines).toEqual([]);
  });
});
