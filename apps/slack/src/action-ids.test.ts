/** A button's value is ids and a revision; whatever else is sent in one means nothing. */
import { describe, expect, test } from '@jest/globals';
import { ALICE, BOB, freshIds } from '@sallyport/testkit/core';
import fc from 'fast-check';
import { grantValue, isOpenedForAnother, openedFor, parseValue, questionValue, requestValue } from './action-ids.ts';

const { request, grant } = freshIds();

describe('button values', () => {
  test('what is written is read', () => {
    expect(parseValue(requestValue(request, 3))).toEqual({ kind: 'request', request, revision: 3 });
    expect(parseValue(questionValue(request, 3, 2))).toEqual({ kind: 'request', request, revision: 3, question: 2 });
    expect(parseValue(grantValue(grant))).toEqual({ kind: 'grant', grant });
  });

  test.each([
    ['nothing', undefined],
    ['no JSON', 'approve'],
    ['another id', '{"r":"dec_00000000000000000000000000"}'],
    ['an array', '[]'],
    ['a number', '1'],
    ['null', 'null'],
    ['a long text', `{"r":"${request}","x":"${'x'.repeat(300)}"}`],
  ])('%s is none of ours', (_what, value) => {
    expect(parseValue(value)).toBeUndefined();
  });

  test.each([0, -1, 1.5, '1', 1e9, null])('a revision of %p is no revision', (v) => {
    expect(parseValue(JSON.stringify({ r: request, v }))).toEqual({ kind: 'request', request });
  });

  test('no text makes it throw', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseValue(text)));
  });
});

test('a form knows whose it is; metadata that is none of ours says nothing', () => {
  expect(isOpenedForAnother(openedFor(ALICE.id), ALICE.id)).toBe(false);
  expect(isOpenedForAnother(openedFor(ALICE.id), BOB.id)).toBe(true);
  for (const text of [undefined, '', 'whatever', 'null', '[]', '{}'])
    expect(isOpenedForAnother(text, BOB.id)).toBe(false);
});
