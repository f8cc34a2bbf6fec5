/** What hides, bends or covers text is taken out; JSON keeps it, escaped. */
import { expect, test } from '@jest/globals';
import { printableJson, visibleText } from './visible-text.ts';

test.each([
  ['escape sequences', 'a\u001b[2Jb\u009b31mc', 'a[2Jb31mc'],
  ['reading direction', 'pay\u202egnp.exe\u2066x\u2069', 'paygnp.exex'],
  ['zero width', 'app\u200bro\u200dve\u2060d\ufeff', 'approved'],
  ['fillers that are letters', 'a\u3164\u115f\uffa0b', 'ab'],
  ['tags and selectors', 'a\u{e0041}\ufe0f\u{e0100}\u034fb', 'ab'],
  ['blank Braille', '\u2800\u2800', ''],
  ['piled marks', `a${'\u0301'.repeat(300)}b`, `a${'\u0301'.repeat(4)}b`],
  ['half a character', 'a\ud800b', 'a\ufffdb'],
])('%s', (_what, text, expected) => {
  expect(visibleText(text)).toBe(expected);
});

test.each(['Zażółć gęślą jaźń', 'สวัสดี ที่นี่', 'किताब क्षि', 'تجربة', '👍🏽 ok', 'a\n\tb', 'e\u0301'])(
  '%s stays as it is',
  (text) => {
    expect(visibleText(text)).toBe(text);
  },
);

test('JSON says the same, with nothing hidden in it', () => {
  const value = { why: 'a\u001b[2J\u009b\u202e\u2028\u3164\u{e0041}é👍', list: ['\u007f', `a${'\u0301'.repeat(9)}`] };
  const text = printableJson(value);
  expect(JSON.parse(text)).toEqual(value);
  expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028]|\p{M}{5}/u);
  expect(text).toContain('é👍');
});
