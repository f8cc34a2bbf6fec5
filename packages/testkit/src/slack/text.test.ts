/** What a person reads, and what in a message acts. */
import { expect, test } from '@jest/globals';
import type { Block } from './blocks.ts';
import { button, buttons, plain, section } from './samples.ts';
import { actingParts, plainText, readable } from './text.ts';

const names = { users: { U1: { real_name: 'Bob Berg' } }, channels: { C1: { name: 'approvals' } } };

test('mrkdwn is read without its marks, entities decoded, mentions by name', () => {
  expect(readable('*Approved* by <@U1> in <#C1> &lt;b&gt; <https://x.test|here>', names)).toBe(
    'Approved by @Bob Berg in #approvals <b> here',
  );
  expect(readable('ends <!date^1^{time}|13:35>')).toBe('ends 13:35');
  expect(readable('2 * 3 * 4 and snake_case_word')).toBe('2 * 3 * 4 and snake_case_word');
});

test('plain text stays literal', () => {
  expect(readable(plain('*not bold* <!channel>'))).toBe('*not bold* <!channel>');
});

test('blocks read line by line, with buttons shown', () => {
  const blocks: Block[] = [
    { type: 'header', text: plain('Access request') },
    section('Pending. *1 of 2*'),
    {
      type: 'rich_text',
      elements: [{ type: 'rich_text_quote', elements: [{ type: 'text', text: 'why\nso' }] }],
    },
    buttons(button('approve', '1', 'Approve'), button('deny', '1', 'Deny')),
  ];
  expect(plainText(blocks)).toBe('Access request\nPending. 1 of 2\n> why\n> so\n[Approve] [Deny]');
});

test('slack S11: foreign text in plain or rich text acts on nothing; in mrkdwn it would', () => {
  const evil = '<!channel> <@U01BOB> <http://evil.test|https://acme.test>';
  const safe: Block[] = [
    { type: 'section', text: plain(evil) },
    { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: evil }] }] },
  ];
  expect(actingParts(safe, 'somebody asks')).toEqual([]);
  expect(actingParts([section(evil)]).map((part) => part.kind)).toEqual(['broadcast', 'user', 'link']);
});
