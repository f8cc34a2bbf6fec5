/** Tests of reasons: a tree that cannot say yes without a reason, and the shortest honest no. */
import { expect, test } from '@jest/globals';
import { allOf, anyOf, firstUnmet, leaf } from './reason.ts';

const yes = leaf('rule_names_role', true, 'admin');
const no = leaf('who_includes_subject', false, 'person:x');

test('I-17: all of nothing and any of nothing are unmet', () => {
  expect(allOf('a_rule_matches', []).met).toBe(false);
  expect(anyOf('rule', []).met).toBe(false);
});

test('all wants every part, any wants one', () => {
  expect(allOf('rule', [yes, yes]).met).toBe(true);
  expect(allOf('rule', [yes, no]).met).toBe(false);
  expect(anyOf('rule', [no, yes]).met).toBe(true);
  expect(anyOf('rule', [no, no]).met).toBe(false);
});

test('the first unmet leaf is named; a met tree has none', () => {
  expect(firstUnmet(allOf('a_rule_matches', [yes, anyOf('rule', [allOf('rule', [yes, no])])]))).toEqual(no);
  expect(firstUnmet(allOf('rule', [yes]))).toBeUndefined();
  expect(firstUnmet(anyOf('rule', []))).toEqual(anyOf('rule', []));
});
