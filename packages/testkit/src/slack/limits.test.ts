/** Slack's sizes: what is exactly at the limit passes, one more is refused. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { broadcastIn, checkBlocks, checkHome, checkMetadata, checkModal } from './limits.ts';
import { VIOLATION_KINDS } from './model.ts';
import { button, buttons, modal, mrkdwn, option, plain, section, select, textInput } from './samples.ts';

const long = (n: number) => 'x'.repeat(n);
const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

const atLimit: [string, (n: number) => unknown[], number][] = [
  ['blocks in a message', (n) => times(n, () => section('x')), 50],
  ['header text', (n) => [{ type: 'header', text: plain(long(n)) }], 150],
  ['section text', (n) => [section(long(n))], 3000],
  ['section fields', (n) => [{ type: 'section', fields: times(n, () => mrkdwn('x')) }], 10],
  ['a section field', (n) => [{ type: 'section', fields: [mrkdwn(long(n))] }], 2000],
  ['elements in actions', (n) => [buttons(...times(n, (i) => button(`a${i}`, 'v')))], 25],
  ['elements in a context', (n) => [{ type: 'context', elements: times(n, () => mrkdwn('x')) }], 10],
  ['button text', (n) => [buttons(button('a', 'v', long(n)))], 75],
  ['button value', (n) => [buttons(button('a', long(n)))], 2000],
  ['accessibility label', (n) => [buttons({ ...button('a', 'v'), accessibility_label: long(n) })], 75],
  [
    'options of a select',
    (n) => [
      select(
        's',
        times(n, (i) => `v${i}`),
      ),
    ],
    100,
  ],
  ['option text', (n) => [select('s', ['v']), options('static_select', [option('v', long(n))])], 75],
  ['option value', (n) => [options('static_select', [option(long(n), 'x')])], 150],
  [
    'radio buttons',
    (n) => [
      options(
        'radio_buttons',
        times(n, (i) => option(`v${i}`)),
      ),
    ],
    10,
  ],
  [
    'overflow options',
    (n) => [{ type: 'actions', elements: [{ type: 'overflow', options: times(n, (i) => option(`v${i}`)) }] }],
    5,
  ],
  ['confirm title', (n) => [buttons({ ...button('a', 'v'), confirm: confirm({ title: plain(long(n)) }) })], 100],
  ['confirm text', (n) => [buttons({ ...button('a', 'v'), confirm: confirm({ text: plain(long(n)) }) })], 300],
  ['option description', (n) => [options('static_select', [{ ...option('v'), description: plain(long(n)) }])], 75],
  ['placeholder', (n) => [field({ type: 'external_select', placeholder: plain(long(n)) })], 150],
  ['checkboxes', (n) => [field({ type: 'checkboxes', options: times(n, (i) => option(`v${i}`)) })], 10],
  ['a text filled in', (n) => [field({ type: 'plain_text_input', initial_value: long(n) })], 3000],
  [
    'a text filled in, of its own length',
    (n) => [field({ type: 'plain_text_input', initial_value: long(n), max_length: 9 })],
    9,
  ],
  ['confirm back button', (n) => [buttons({ ...button('a', 'v'), confirm: confirm({ deny: plain(long(n)) }) })], 30],
  ['confirm button', (n) => [buttons({ ...button('a', 'v'), confirm: confirm({ confirm: plain(long(n)) }) })], 30],
];

function options(type: string, list: unknown[]) {
  return { type: 'input', label: plain('x'), element: { type, options: list } };
}
function field(element: object) {
  return { type: 'input', label: plain('x'), element };
}
function confirm(more: object) {
  return { title: plain('t'), text: plain('t'), confirm: plain('y'), deny: plain('n'), ...more };
}

describe('slack S12: a message Slack would refuse is refused', () => {
  test.each(atLimit)('%s', (_, blocks, max) => {
    expect(checkBlocks(blocks(max))).toMatchObject({ ok: true });
    expect(checkBlocks(blocks(max + 1))).toMatchObject({ ok: false });
  });

  const wrong: [string, unknown][] = [
    ['empty text', [section('')]],
    ['a section with nothing', [{ type: 'section' }]],
    ['an unknown member', [{ ...section('x'), colour: 'red' }]],
    ['the same block_id twice', [section('x', 'b'), section('y', 'b')]],
    ['the same action_id twice in a block', [buttons(button('a', '1'), button('a', '2'))]],
    ['an empty static select', [options('static_select', [])]],
    [
      'an initial option that is not offered',
      [
        {
          ...options('static_select', []),
          element: { type: 'static_select', options: [option('a')], initial_option: option('b') },
        },
      ],
    ],
    ['an unknown block', [{ type: 'banner' }]],
    ['no array', { type: 'section' }],
  ];
  test.each(wrong)('%s', (_, blocks) => {
    expect(checkBlocks(blocks)).toMatchObject({ ok: false });
  });

  test('what Slack has and the workspace has not is called unsupported, not wrong', () => {
    const picker = { type: 'actions', elements: [{ type: 'datepicker' }] };
    expect(checkBlocks([picker])).toMatchObject({ ok: false, unsupported: 'element datepicker' });
    expect(checkBlocks([{ type: 'video' }])).toMatchObject({ ok: false, unsupported: 'block video' });
  });

  test('unnamed blocks and actions get ids', () => {
    const checked = checkBlocks([{ type: 'actions', elements: [{ type: 'button', text: plain('x') }] }]);
    expect(checked.ok && checked.value[0]?.block_id).toMatch(/^\w{5}$/);
  });
});

describe('slack S12: a view Slack would refuse is refused', () => {
  const limits: [string, (n: number) => unknown, number][] = [
    ['title', (n) => modal([], { title: plain(long(n)) }), 24],
    ['submit', (n) => modal([], { submit: plain(long(n)) }), 24],
    ['close', (n) => modal([], { close: plain(long(n)) }), 24],
    ['private_metadata', (n) => modal([], { private_metadata: long(n) }), 3000],
    ['blocks', (n) => modal(times(n, () => section('x'))), 100],
  ];
  test.each(limits)('%s', (_, view, max) => {
    expect(checkModal(view(max))).toMatchObject({ ok: true });
    expect(checkModal(view(max + 1))).toMatchObject({ ok: false });
  });

  test('an input needs a submit button, a view at most 250 kB, a Home tab no title', () => {
    expect(checkModal({ ...modal([textInput('a')]), submit: undefined })).toMatchObject({ ok: false });
    expect(checkModal(modal(times(100, () => section(long(2900)))))).toMatchObject({ ok: false, tooLarge: true });
    expect(checkHome({ type: 'home', blocks: [section('x')] })).toMatchObject({ ok: true });
    expect(checkHome(modal([]))).toMatchObject({ ok: false });
  });
});

describe('metadata and mentions', () => {
  test('metadata keeps its shape, {} clears, absence says nothing', () => {
    expect(checkMetadata(undefined)).toEqual({ ok: true, value: undefined });
    expect(checkMetadata('{}')).toEqual({ ok: true, value: null });
    expect(checkMetadata({ event_type: 'a', event_payload: { key: 'k' } })).toMatchObject({ ok: true });
    expect(checkMetadata({ event_type: 'a' })).toMatchObject({ ok: false });
  });

  test('slack S11: only a mention that acts counts as one', () => {
    expect(broadcastIn('<!channel> look', undefined, false)).toBe('@channel');
    expect(broadcastIn('&lt;!channel&gt; @channel', undefined, false)).toBeUndefined();
    expect(broadcastIn('@here', undefined, true)).toBe('@here');
    expect(broadcastIn('', [section('hi <!everyone>')], false)).toBe('@everyone');
    expect(broadcastIn('', [{ type: 'header', text: plain('<!everyone>') }], false)).toBeUndefined();
  });
});

describe('a date and time', () => {
  const picker = (more: object = {}) => ({ type: 'datetimepicker', action_id: 'at', ...more });
  const inInput = (element: object) => [{ type: 'input', label: plain('x'), element }];
  test.each([1_000_000_000, 9_999_999_999])('%d is ten digits of seconds', (initial_date_time) => {
    expect(checkBlocks(inInput(picker({ initial_date_time }))).ok).toBe(true);
  });
  test.each([999_999_999, 10_000_000_000, 1_700_000_000.5, '1700000000'])('%p is none', (initial_date_time) => {
    expect(checkBlocks(inInput(picker({ initial_date_time }))).ok).toBe(false);
  });
  test('stands in actions and inputs, not beside a section', () => {
    expect(checkBlocks([{ type: 'actions', elements: [picker()] }]).ok).toBe(true);
    expect(checkBlocks([{ ...section('x'), accessory: picker() }]).ok).toBe(false);
  });
});

test.each(VIOLATION_KINDS)('%s is recorded in some test of this workspace', (kind) => {
  const folder = dirname(fileURLToPath(import.meta.url));
  const tests = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== 'limits.test.ts');
  const naming = tests.filter((name) => readFileSync(join(folder, name), 'utf8').includes(`'${kind}'`));
  expect(naming).not.toEqual([]);
});
