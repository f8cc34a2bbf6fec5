/** Tests of Result: a refusal is a value, an unreachable case is a fault. */
import { expect, test } from '@jest/globals';
import { err, impossible, ok } from './result.ts';

test('ok and err tell themselves apart by one member', () => {
  expect(ok(1)).toEqual({ ok: true, value: 1 });
  expect(err('no')).toEqual({ ok: false, error: 'no' });
});

test('a union member that nobody handles is thrown, never answered', () => {
  expect(() => impossible('new' as never)).toThrow('unreachable case: "new"');
});
