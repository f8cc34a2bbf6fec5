/** Tests of claims: what stands at a place, and whether a token has what a policy wants. */
import { describe, expect, test } from '@jest/globals';
import { claimAt, claimText, matches } from './claims.ts';
import type { JsonObject } from './json.ts';

describe('matches', () => {
  test.each<[string, JsonObject, JsonObject, boolean]>([
    ['an empty match matches nothing', {}, { a: 1 }, false],
    ['an empty nested map matches nothing', { a: {} }, { a: { b: 1 } }, false],
    ['nested maps member by member', { k: { ns: 'prod' } }, { k: { ns: 'prod', pod: 'x' } }, true],
    ['a nested value that differs', { k: { ns: 'prod' } }, { k: { ns: 'dev' } }, false],
    ['a map where a value is wanted', { k: 'prod' }, { k: { ns: 'prod' } }, false],
    ['a value where a map is wanted', { k: { ns: 'prod' } }, { k: 'prod' }, false],
    ['a list where a map is wanted', { k: { '0': 'x' } }, { k: ['x'] }, false],
    ['true is not "true"', { p: 'true' }, { p: true }, false],
    ['inherited names are not claims', { toString: 'x' }, {}, false],
    ['null is only null', { a: null }, { a: null }, true],
    ['null is not absent', { a: null }, {}, false],
  ])('%s', (_, match, claims, expected) => {
    expect(matches(match, claims)).toBe(expected);
  });

  test('CJ-2: __proto__ in claims is a name like any other', () => {
    const claims = JSON.parse('{"__proto__": {"repository_id": "123"}}') as JsonObject;
    expect(matches({ repository_id: '123' }, claims)).toBe(false);
  });
});

describe('a claim by its place', () => {
  const claims: JsonObject = { 'kubernetes.io': { pod: { uid: 'p' } }, list: ['x'], none: null };

  test('is found through nested maps, whole names, own members only', () => {
    expect(claimAt(claims, ['kubernetes.io', 'pod', 'uid'])).toBe('p');
    expect(claimAt(claims, ['kubernetes.io', 'pod', 'name'])).toBeUndefined();
    expect(claimAt(claims, ['kubernetes', 'io'])).toBeUndefined();
    expect(claimAt(claims, ['list', '0'])).toBeUndefined();
    expect(claimAt(claims, ['none', 'x'])).toBeUndefined();
    expect(claimAt(claims, ['none'])).toBeNull();
    expect(claimAt(claims, ['toString'])).toBeUndefined();
    expect(claimAt(JSON.parse('{"__proto__": {"a": 1}}'), ['a'])).toBeUndefined();
  });

  test('is written for people', () => {
    expect(claimText(['kubernetes.io', 'pod'])).toBe('kubernetes.io › pod');
  });
});
