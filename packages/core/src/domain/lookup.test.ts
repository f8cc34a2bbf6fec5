/** Tests of lookups: the index answers as a walk over the list would. */
import { expect, test } from '@jest/globals';
import { allBy, firstBy } from './lookup.ts';

interface Entry {
  readonly id: string;
  readonly place: number;
}

const list: readonly Entry[] = [
  { id: 'a', place: 1 },
  { id: 'b', place: 2 },
  { id: 'a', place: 3 },
];

test('the first of several with one key is found, as find does it', () => {
  const byId = firstBy((one: Entry) => one.id);
  expect(byId(list, 'a')).toBe(list[0]);
  expect(byId(list, 'b')).toBe(list[1]);
});

test('what nobody has finds nobody, not even a name every object has', () => {
  const byId = firstBy((one: Entry) => one.id);
  for (const key of ['c', '', '__proto__', 'constructor']) expect(byId(list, key)).toBeUndefined();
});

test('all with one key are found in the order of the list; what has no key is never found', () => {
  const found = allBy((one: Entry) => (one.place === 1 ? undefined : one.id));
  expect(found(list, 'a')).toEqual([list[2]]);
  expect(found(list, 'undefined')).toEqual([]);
});

test('another list has its own index', () => {
  const byId = firstBy((one: Entry) => one.id);
  expect(byId(list, 'a')?.place).toBe(1);
  expect(byId(list.slice(1), 'a')?.place).toBe(3);
});
