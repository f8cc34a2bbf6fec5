/** Checks what blocks become: literal where Slack is literal, with the state a person left them in. */
import { describe, expect, test } from '@jest/globals';
import type { Block } from '@sallyport/testkit/slack';
import { type BlockContext, blockViews } from './blocks.ts';

const context: BlockContext = {
  me: 'U01BOB',
  reader: { zone: 'UTC', now: Date.UTC(2031, 5, 3, 12) },
  person: () => undefined,
  channel: () => undefined,
  group: () => undefined,
  values: {},
  errors: {},
};
const plain = (text: string) => ({ type: 'plain_text' as const, text });
const option = (value: string) => ({ text: plain(value.toUpperCase()), value });
const one = (block: Block, more: Partial<BlockContext> = {}) => blockViews([block], { ...context, ...more })[0];

const HOSTILE = '<!channel> <@U01BOB> <http://evil|https://acme.test> *Approved by* Bob\n>fake';

describe('slack S11: foreign text', () => {
  test('is literal in rich text: no mention, no link, no style', () => {
    const block: Block = {
      type: 'rich_text',
      elements: [{ type: 'rich_text_quote', elements: [{ type: 'text', text: HOSTILE }] }],
    };
    expect(one(block)).toEqual({ kind: 'rich', parts: [{ kind: 'quote', runs: [{ kind: 'text', text: HOSTILE }] }] });
  });

  test('is literal in plain text', () => {
    expect(one({ type: 'section', text: plain(HOSTILE) })).toEqual({
      kind: 'section',
      text: [{ kind: 'paragraph', runs: [{ kind: 'text', text: HOSTILE }] }],
      fields: [],
      accessory: null,
    });
  });

  test('would act in mrkdwn, so that an app that forgets to escape is seen', () => {
    const view = one({ type: 'section', text: { type: 'mrkdwn', text: HOSTILE } });
    const kinds = view?.kind === 'section' ? view.text.flatMap((part) => ('runs' in part ? part.runs : [])) : [];
    expect(kinds.map((run) => run.kind)).toEqual([
      'mention',
      'text',
      'mention',
      'text',
      'link',
      'text',
      'text',
      'text',
      'text',
    ]);
  });
});

test('a button is named by its accessibility label, and says what it asks first', () => {
  const block: Block = {
    type: 'actions',
    block_id: 'b1',
    elements: [
      {
        type: 'button',
        action_id: 'approve',
        text: plain('Approve'),
        style: 'primary',
        value: '{"r":"req_1","v":1}',
        accessibility_label: 'Approve request req_1',
        confirm: { title: plain('Sure?'), text: plain('Approve?'), confirm: plain('Yes'), deny: plain('No') },
      },
    ],
  };
  expect(one(block)).toEqual({
    kind: 'actions',
    elements: [
      {
        kind: 'button',
        block: 'b1',
        action: 'approve',
        text: 'Approve',
        name: 'Approve request req_1',
        tone: 'primary',
        value: '{"r":"req_1","v":1}',
        confirm: {
          title: 'Sure?',
          text: [{ kind: 'paragraph', runs: [{ kind: 'text', text: 'Approve?' }] }],
          confirm: 'Yes',
          deny: 'No',
          danger: false,
        },
      },
    ],
  });
});

describe('fields', () => {
  const duration: Block = {
    type: 'input',
    block_id: 'duration',
    label: plain('For how long'),
    element: {
      type: 'radio_buttons',
      action_id: 'duration',
      options: [option('15m'), option('30m')],
      initial_option: option('15m'),
    },
  };
  const chosen = (block: Block, more: Partial<BlockContext> = {}) => {
    const view = one(block, more);
    return view?.kind === 'input' && 'chosen' in view.element ? view.element.chosen : undefined;
  };

  test('start with their initial value', () => {
    expect(chosen(duration)).toBe('15m');
  });

  test('show what was chosen since, also when it is no longer offered', () => {
    const values = { duration: { duration: { type: 'radio_buttons' as const, selected_option: option('8h') } } };
    expect(chosen(duration, { values })).toBe('8h');
  });

  test('carry the error of their own block', () => {
    expect(one(duration, { errors: { duration: 'At most 1 h here.', role: 'other' } })).toMatchObject({
      error: 'At most 1 h here.',
      optional: false,
      dispatches: false,
    });
  });

  test('a text input has its bounds and its text', () => {
    const reason: Block = {
      type: 'input',
      block_id: 'reason',
      label: plain('Reason'),
      optional: true,
      element: { type: 'plain_text_input', action_id: 'reason', multiline: true, max_length: 300, initial_value: 'so' },
    };
    expect(one(reason)).toMatchObject({
      optional: true,
      element: { kind: 'text', multiline: true, value: 'so', lengthMax: 300 },
    });
  });

  test('an external select asks from the length the app says, three by default', () => {
    const search = (more: object): Block => ({
      type: 'input',
      block_id: 'resource',
      label: plain('Resource'),
      dispatch_action: true,
      element: { type: 'external_select', action_id: 'resource', ...more },
    });
    expect(one(search({ min_query_length: 0 }))).toMatchObject({
      dispatches: true,
      element: { kind: 'search', minimum: 0 },
    });
    expect(one(search({}))).toMatchObject({ element: { kind: 'search', minimum: 3, chosen: null } });
  });
});

test('a date and time is the stored one, else its initial one, in seconds', () => {
  const block: Block = {
    type: 'input',
    block_id: 'at',
    label: plain('At'),
    element: { type: 'datetimepicker', action_id: 'at', initial_date_time: 1_900_000_000 },
  };
  expect(one(block)).toMatchObject({ element: { kind: 'moment', value: '1900000000' } });
  const emptied = { at: { at: { type: 'datetimepicker' as const, selected_date_time: null } } };
  expect(one(block, { values: emptied })).toMatchObject({ element: { kind: 'moment', value: null } });
});
