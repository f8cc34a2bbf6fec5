/** Shows how errors of driver and server are sorted: outage, conflict, or a bug of ours. */
import { describe, expect, test } from '@jest/globals';
import { isRerunnable, leavesCommitUnknown, StoreUnavailable, troubleOf, usableAfter, violates } from './faults.ts';

const server = (code: string, constraint?: string) =>
  Object.assign(new Error('x'), { code, severity: 'ERROR', constraint });
const socket = (code: string) => Object.assign(new Error('x'), { code });

describe('faults', () => {
  test.each([
    [socket('ECONNREFUSED'), 'unreachable'],
    [socket('EPIPE'), 'unreachable'],
    [new Error('Connection terminated unexpectedly'), 'unreachable'],
    [new Error('timeout exceeded when trying to connect'), 'busy'],
    [new Error('Query read timeout'), 'timeout'],
    [new Error('Cannot use a pool after calling end on the pool'), 'closed'],
    [server('57P01'), 'unreachable'],
    [server('57014'), 'timeout'],
    [server('25006'), 'standby'],
    [server('40P01'), 'conflict'],
    [server('53300'), 'busy'],
    [server('53100'), 'not_writable'],
    [server('42501'), 'not_writable'],
    [server('23505'), undefined],
    [server('42601'), undefined],
    [new TypeError('a bug'), undefined],
  ])('%s is %s', (error, trouble) => {
    expect(troubleOf(error)).toBe(trouble);
  });

  test('only an error the server answered, and survived, leaves the connection usable and the commit decided', () => {
    expect([usableAfter(server('23505')), leavesCommitUnknown(server('40001'))]).toEqual([true, false]);
    for (const lost of [server('57P01'), socket('ECONNRESET'), new Error('Query read timeout')]) {
      expect([usableAfter(lost), leavesCommitUnknown(lost)]).toEqual([false, true]);
    }
  });

  test('reruns are for serialization failures and deadlocks alone', () => {
    expect([server('40001'), server('40P01'), server('57014'), new Error()].map(isRerunnable)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('a unique violation is known by its constraint', () => {
    expect(violates(server('23505', 'issuance_uses_pkey'), 'issuance_uses_pkey')).toBe(true);
    expect(violates(server('23505', 'tokens_pkey'), 'issuance_uses_pkey')).toBe(false);
  });

  test('the message shows neither SQL nor host; the cause is kept for the log', () => {
    const fault = new StoreUnavailable('unreachable', { cause: new Error('connect ECONNREFUSED 10.0.0.1:5432') });
    expect(fault.message).toBe('the store is not available: unreachable');
    expect(fault.cause).toBeInstanceOf(Error);
  });
});
