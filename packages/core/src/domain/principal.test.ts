/** Tests of principals: one spelling, no look-alikes, short enough for every reader of `sub`. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isPrincipalId, nameOf, parsePrincipal, person, samePrincipal, workload } from './principal.ts';

test('a name is read back as the principal it names', () => {
  const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9@._+-]{0,60}$/);
  fc.assert(
    fc.property(id, fc.boolean(), (text, human) => {
      const principal = human ? person(text) : workload(text);
      expect(parsePrincipal(nameOf(principal))).toEqual(principal);
    }),
  );
});

describe('parsePrincipal', () => {
  test.each([
    '',
    'alice',
    'person:',
    'workload:',
    'Person:alice',
    'client:ci',
    'person:person:alice',
    'person: alice',
    'person:al ice',
    'person:al\u202eice',
    'person:аlice',
    `person:${'a'.repeat(128)}`,
    'person:alice\n',
    'person:-alice',
  ])('%j is nobody', (text) => {
    expect(parsePrincipal(text)).toBeUndefined();
  });
});

test('I-1: `sub` of every principal fits into 127 bytes', () => {
  const longest = 'a'.repeat(127 - 'workload:'.length);
  expect(isPrincipalId(longest)).toBe(true);
  expect(isPrincipalId(`${longest}a`)).toBe(false);
  expect(Buffer.byteLength(nameOf(workload(longest)))).toBe(127);
});

test('I-3: a person and a workload of one name are two', () => {
  expect(samePrincipal(person('x'), workload('x'))).toBe(false);
  expect(samePrincipal(person('x'), person('x'))).toBe(true);
  expect(samePrincipal(person('x'), person('X'))).toBe(false);
});
