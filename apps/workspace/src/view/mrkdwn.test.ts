/** Checks what Slack's mrkdwn becomes: above all that foreign words gain no power. */
import { describe, expect, test } from '@jest/globals';
import { inline, mrkdwn } from './mrkdwn.ts';
import type { TextContext } from './text.ts';

const context: TextContext = {
  me: 'U01ALICE',
  reader: { zone: 'UTC', now: Date.UTC(2031, 5, 3, 12) },
  person: (id) => ({ U01ALICE: 'Alice Ahn', U01BOB: 'Bob Berg' })[id],
  channel: (id) => ({ C01APPROVALS: 'approvals' })[id],
  group: (id) => ({ S01DBA: { name: 'dba', mine: false } })[id],
};
const read = (text: string) => inline(text, context);

describe('styles', () => {
  test('bold, italic, strike and code are marks at the edges of words only', () => {
    expect(read('*a* _b_ ~c~ `d*e*`')).toEqual([
      { kind: 'text', text: 'a', style: { bold: true } },
      { kind: 'text', text: ' ' },
      { kind: 'text', text: 'b', style: { italic: true } },
      { kind: 'text', text: ' ' },
      { kind: 'text', text: 'c', style: { strike: true } },
      { kind: 'text', text: ' ' },
      { kind: 'text', text: 'd*e*', style: { code: true } },
    ]);
    expect(read('orders_db_admin 2*3*4 * x *')).toEqual([{ kind: 'text', text: 'orders_db_admin 2*3*4 * x *' }]);
  });

  test('marks nest, and do not run over a line', () => {
    expect(read('*a _b_*')).toEqual([
      { kind: 'text', text: 'a ', style: { bold: true } },
      { kind: 'text', text: 'b', style: { bold: true, italic: true } },
    ]);
    expect(read('*a\nb*')).toEqual([{ kind: 'text', text: '*a\nb*' }]);
  });
});

describe('what acts', () => {
  test('people, channels, groups and broadcasts are named; the reader is told from others', () => {
    expect(read('<@U01BOB><@U01ALICE><#C01APPROVALS|x><!subteam^S01DBA><!channel>')).toEqual([
      { kind: 'mention', of: 'person', text: '@Bob Berg', you: false },
      { kind: 'mention', of: 'person', text: '@Alice Ahn', you: true },
      { kind: 'mention', of: 'channel', text: '#approvals', you: false },
      { kind: 'mention', of: 'group', text: '@dba', you: false },
      { kind: 'mention', of: 'broadcast', text: '@channel', you: true },
    ]);
  });

  test('links lead to http, https and mailto only; all else is words', () => {
    expect(read('<https://acme.test/a?b=1&amp;c=2|here>')).toEqual([
      { kind: 'link', text: 'here', href: 'https://acme.test/a?b=1&c=2' },
    ]);
    expect(read('<javascript:alert(1)|here>')).toEqual([{ kind: 'text', text: 'here' }]);
    expect(read('<data:text/html,x>')).toEqual([{ kind: 'text', text: 'data:text/html,x' }]);
  });

  test('a bare address becomes a link, as Slack does it', () => {
    expect(read('see https://acme.test/x.')).toEqual([
      { kind: 'text', text: 'see ' },
      { kind: 'link', text: 'https://acme.test/x', href: 'https://acme.test/x' },
      { kind: 'text', text: '.' },
    ]);
  });

  test('dates are written in the reader’s zone, with the fallback where they are none', () => {
    const at = Date.UTC(2031, 5, 3, 18, 30) / 1000;
    expect(read(`<!date^${at}^{date_short_pretty} at {time}|x>`)).toEqual([
      { kind: 'time', text: 'Today at 18:30', iso: '2031-06-03T18:30:00.000Z' },
    ]);
    expect(read('<!date^soon^{time}|later>')).toEqual([{ kind: 'text', text: 'later' }]);
  });
});

describe('what does not act', () => {
  test('escaped entities are letters', () => {
    expect(read('&lt;!channel&gt; &lt;@U01BOB&gt; a &amp; b &amp;lt;')).toEqual([
      { kind: 'text', text: '<!channel> <@U01BOB> a & b &lt;' },
    ]);
  });

  test('an entity never runs over a line or another opening', () => {
    expect(read('a < b\n> c')[0]).toEqual({ kind: 'text', text: 'a < b\n> c' });
    expect(read('<script><@U01BOB>')).toEqual([
      { kind: 'text', text: 'script' },
      { kind: 'mention', of: 'person', text: '@Bob Berg', you: false },
    ]);
  });

  test('long hostile texts end soon', () => {
    const before = process.cpuUsage();
    for (const text of ['*', '_*', '<', '`', ':', '<@', 'http://', '~*_'].map((bit) => bit.repeat(3000 / bit.length)))
      read(text);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
  });
});

test('lines that start with > are a quote, fences are code, the rest paragraphs', () => {
  expect(mrkdwn('*Why*\n&gt; one\n> two\nafter\n```\n*not bold*\n```', context)).toEqual([
    { kind: 'paragraph', runs: [{ kind: 'text', text: 'Why', style: { bold: true } }] },
    { kind: 'quote', runs: [{ kind: 'text', text: 'one\ntwo' }] },
    { kind: 'paragraph', runs: [{ kind: 'text', text: 'after' }] },
    { kind: 'code', runs: [{ kind: 'text', text: '*not bold*' }] },
  ]);
});
