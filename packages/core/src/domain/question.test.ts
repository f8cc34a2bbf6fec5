/** Who may ask, who may answer, how much, and until when: every no is said before a word is kept. */
import { describe, expect, test } from '@jest/globals';
import { ALICE, aPendingCase, aPolicy, BOB, DAN, DAVE, DEPLOY, withPerson } from '@sallyport/testkit/core';
import type { Moment } from './moment.ts';
import {
  answerQuestion,
  askQuestion,
  type CaseQuestion,
  mayAnswer,
  QUESTION_LENGTH_MAX,
  QUESTIONS_MAX,
} from './question.ts';

const policy = aPolicy();
const c = aPendingCase({ subject: DEPLOY, requester: ALICE });
const at: Moment = { now: c.request.openedAt, policy };
const asked: CaseQuestion = { number: 1, asked: { by: BOB.id, at: at.now, text: 'why?' } };
const late: Moment = { ...at, now: c.request.expiresAt };
const code = (result: ReturnType<typeof askQuestion>): string => (result.ok ? 'ok' : result.error.code);

describe('asking', () => {
  const ask = (by: { readonly id: typeof BOB.id }, text = 'why?', before: readonly CaseQuestion[] = [], when = at) =>
    code(askQuestion(c, before, { by: by.id, text }, when));

  test('I-3: the requester asks nothing about their own request', () => expect(ask(ALICE)).toBe('own_request'));
  test('an outsider does not', () => expect(ask(DAVE)).toBe('not_an_approver'));
  test('somebody who left the directory does not', () => {
    expect(ask(BOB, 'why?', [], { ...at, policy: withPerson(policy, BOB.id, { enabled: false }) })).toBe(
      'identity_rejected',
    );
  });
  test('at the very end of the pending time it is over', () =>
    expect(ask(BOB, 'why?', [], late)).toBe('request_closed'));
  test.each(['', '  \n', 'x'.repeat(QUESTION_LENGTH_MAX + 1), 'a\0b', '\ud800'])('%j is no text', (text) => {
    expect(ask(BOB, text)).toBe('malformed');
  });
  test('the bound holds', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => ({ ...asked, number: index + 1 }));
    expect(ask(DAN, 'x'.repeat(QUESTION_LENGTH_MAX), many(QUESTIONS_MAX - 1))).toBe('ok');
    expect(ask(DAN, 'why?', many(QUESTIONS_MAX))).toBe('too_many');
  });
});

describe('answering', () => {
  const answer = (
    by: { readonly id: typeof BOB.id },
    number = 1,
    before: readonly CaseQuestion[] = [asked],
    when = at,
  ) => code(answerQuestion(c, before, { by: by.id, text: 'because', number }, when));

  test('whoever asked for the access answers; to all others there is no question', () => {
    expect([answer(ALICE), answer(BOB), answer(DAVE), answer(ALICE, 2)]).toEqual([
      'ok',
      'request_unknown',
      'request_unknown',
      'request_unknown',
    ]);
  });
  test('once, and in time', () => {
    const done: CaseQuestion = { ...asked, answered: { by: ALICE.id, at: at.now, text: 'because' } };
    expect([answer(ALICE, 1, [done]), answer(ALICE, 1, [asked], late)]).toEqual(['replayed', 'request_closed']);
  });
  test('for a workload that asked itself its owners answer', () => {
    const own = aPendingCase({ subject: DEPLOY, requester: DEPLOY });
    expect([ALICE, BOB].map(({ id }) => mayAnswer(policy, own, id))).toEqual([true, false]);
  });
});
