/** Modals and Home: triggers, stacks, hashes, typed values, and what a submission may answer. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { button, buttons, modal, option, plain, search, section, select, textInput } from './samples.ts';
import { type Scene, startScene, type TinyAnswer } from './tiny-app.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
beforeEach(() => {
  scene.workspace.engine.reset();
  scene.app.received.length = 0;
  scene.app.answer = () => ({});
});
afterAll(() => scene.close());

const alice = () => scene.workspace.driver.as('U01ALICE');
const kinds = () => scene.workspace.engine.violations().map((v) => v.kind);
const last = () => scene.last().payload;
const answers = (body: unknown) => {
  scene.app.answer = (): TinyAnswer => ({ body });
};

async function trigger(): Promise<string> {
  await alice().types('/request-access');
  return last().trigger_id;
}
async function open(blocks: unknown[], more = {}) {
  const answer = await scene.api('views.open', { trigger_id: await trigger(), view: modal(blocks, more) });
  expect(answer).toMatchObject({ ok: true });
  return answer.view;
}

describe('slack S4: a trigger', () => {
  test('opens a modal for its person only, once', async () => {
    const trigger_id = await trigger();
    expect(await scene.api('views.open', { trigger_id, view: modal([section('x')]) })).toMatchObject({ ok: true });
    expect(await scene.api('views.open', { trigger_id, view: modal([section('x')]) })).toMatchObject({
      error: 'exchanged_trigger_id',
    });
    expect((await alice().modal())?.reads).toBe('x');
    expect(await scene.workspace.driver.as('U01BOB').modal()).toBeUndefined();
    expect(await scene.api('views.open', { trigger_id: 'made up', view: modal([]) })).toMatchObject({
      error: 'invalid_trigger_id',
    });
    expect(kinds()).toEqual(['expired_trigger_id', 'expired_trigger_id']);
  });

  test('is dead after three seconds', async () => {
    const trigger_id = await trigger();
    await scene.workspace.driver.age('triggers', 3001);
    expect(await scene.api('views.open', { trigger_id, view: modal([]) })).toEqual({
      ok: false,
      error: 'expired_trigger_id',
    });
    expect(kinds()).toEqual(['expired_trigger_id']);
  });

  test('is not used up by a view Slack refuses', async () => {
    const trigger_id = await trigger();
    expect(await scene.api('views.open', { trigger_id, view: modal([section('')]) })).toMatchObject({
      error: 'invalid_arguments',
    });
    expect(await scene.api('views.open', { trigger_id, view: modal([]) })).toMatchObject({ ok: true });
    expect(kinds()).toEqual(['invalid_view']);
  });
});

describe('updating', () => {
  test('an old hash is a conflict, the view keeps its id', async () => {
    const view = await open([textInput('why')]);
    const update = (hash: string) =>
      scene.api('views.update', { view_id: view.id, hash, view: modal([textInput('why')], { title: plain('Two') }) });
    const second = await update(view.hash);
    expect(second.view.id).toBe(view.id);
    expect(await update(view.hash)).toEqual({ ok: false, error: 'hash_conflict' });
    expect((await alice().modal())?.title).toBe('Two');
  });

  test('slack S7: what was typed and chosen stays where the ids stay, even an option that is gone', async () => {
    const view = await open([textInput('why'), select('role', ['read', 'admin'])]);
    await alice().fills({ why: 'because', role: 'admin' });
    await scene.api('views.update', { view_id: view.id, view: modal([textInput('why'), select('role', ['read'])]) });
    expect((await alice().modal())?.fields).toMatchObject({ why: { value: 'because' }, role: { value: 'admin' } });
    await scene.api('views.update', { view_id: view.id, view: modal([textInput('other'), select('role', ['read'])]) });
    expect((await alice().modal())?.fields.other?.value).toBeNull();
  });

  test('initial values are there before anybody touches anything', async () => {
    const radio = {
      type: 'radio_buttons',
      action_id: 'd',
      options: [option('15m'), option('30m')],
      initial_option: option('15m'),
    };
    await open([
      textInput('why', { element: { type: 'plain_text_input', action_id: 'why', initial_value: 'so' } }),
      { type: 'input', block_id: 'd', label: plain('d'), element: radio },
    ]);
    await alice().submits();
    expect(last().view.state.values).toMatchObject({
      why: { why: { type: 'plain_text_input', value: 'so' } },
      d: { d: { type: 'radio_buttons', selected_option: { value: '15m' } } },
    });
  });

  test('Home: published per person, a stale hash refused', async () => {
    const publish = (more: object = {}) =>
      scene.api('views.publish', { user_id: 'U01ALICE', view: { type: 'home', blocks: [section('*Hi*')] }, ...more });
    const first = await publish();
    expect((await alice().home())?.reads).toBe('Hi');
    expect(await publish({ hash: first.view.hash })).toMatchObject({ ok: true, view: { id: first.view.id } });
    expect(await publish({ hash: first.view.hash })).toEqual({ ok: false, error: 'hash_conflict' });
    expect(await publish({ user_id: 'nobody' })).toMatchObject({ error: 'invalid_arguments' });
  });

  test('three modals and no more', async () => {
    await open([section('1')]);
    const push = async () => scene.api('views.push', { trigger_id: await trigger(), view: modal([section('n')]) });
    const second = await push();
    expect((await push()).view.previous_view_id).toBe(second.view.id);
    expect(await push()).toEqual({ ok: false, error: 'push_limit_reached' });
    expect((await alice().modal())?.depth).toBe(3);
  });
});

describe('choosing', () => {
  test('slack S5: an external select asks the app, then the choice is sent as block_actions', async () => {
    await open([search('resource')]);
    scene.app.answer = ({ payload }) =>
      payload.type === 'block_suggestion' ? { body: { options: [option('orders-db', 'Orders')] } } : {};
    expect((await alice().searches('resource', 'ord')).options).toMatchObject([{ value: 'orders-db' }]);
    expect(last()).toMatchObject({
      type: 'block_suggestion',
      action_id: 'resource',
      block_id: 'resource',
      value: 'ord',
      container: { type: 'view' },
    });
    await alice().chooses('resource', 'orders-db');
    expect(last()).toMatchObject({
      type: 'block_actions',
      container: { type: 'view' },
      view: { state: { values: { resource: { resource: { selected_option: { value: 'orders-db' } } } } } },
      actions: [
        {
          type: 'external_select',
          action_id: 'resource',
          block_id: 'resource',
          selected_option: { value: 'orders-db' },
        },
      ],
    });
    expect(last()).not.toHaveProperty('response_url');
    expect((await alice().chooses('resource', 'nothing')).user_error).toContain('not offered');
  });

  test('slack S5: more than 100 options are refused; below min_query_length nothing is asked', async () => {
    await open([search('resource')]);
    answers({ options: Array.from({ length: 101 }, (_, i) => option(`r${i}`)) });
    expect(await alice().searches('resource', '')).toMatchObject({
      options: [],
      user_error: 'The options could not be loaded.',
    });
    expect(kinds()).toEqual(['too_many_options']);
    answers(null);
    await open([search('resource', 3)]);
    const before = scene.app.received.length;
    expect((await alice().searches('resource', 'ab')).options).toEqual([]);
    expect(scene.app.received).toHaveLength(before);
  });

  test('an input without dispatch_action is silent, a button is not', async () => {
    await open([textInput('why'), buttons(button('more', 'v1'))]);
    const before = scene.app.received.length;
    expect(await alice().chooses('why', 'x')).toMatchObject({ status: null, user_error: null });
    expect(scene.app.received).toHaveLength(before);
    await alice().clicksInModal('more');
    expect(last().actions[0]).toMatchObject({ type: 'button', value: 'v1', action_id: 'more' });
  });
});

describe('submitting', () => {
  test('the client refuses what is required, too long or not offered, and force sends it', async () => {
    await open([
      textInput('why', { element: { type: 'plain_text_input', action_id: 'why', max_length: 5 } }),
      select('role', ['read']),
    ]);
    const before = scene.app.received.length;
    expect((await alice().submits()).user_error).toContain('required');
    expect((await alice().submits({ why: 'too long', role: 'read' })).user_error).toContain('too long');
    expect((await alice().submits({ role: 'admin' })).user_error).toContain('not offered');
    expect(scene.app.received).toHaveLength(before);
    await alice().submits({ role: 'admin' }, { force: true });
    expect(last().view.state.values.role?.role?.selected_option.value).toBe('admin');
  });

  test('slack S8: errors land on their blocks, the modal stays with its values', async () => {
    await open([textInput('why'), select('role', ['read'])]);
    answers({ response_action: 'errors', errors: { why: 'Say more.' } });
    expect(await alice().submits({ why: 'x', role: 'read' })).toMatchObject({ status: 200, user_error: null });
    expect(await alice().modal()).toMatchObject({ errors: { why: 'Say more.' }, fields: { why: { value: 'x' } } });
    answers(null);
    await alice().submits();
    expect(await alice().modal()).toBeUndefined();
  });

  test('errors for a block that is not there are recorded and show as trouble', async () => {
    await open([textInput('why')]);
    answers({ response_action: 'errors', errors: { nowhere: 'x' } });
    expect((await alice().submits({ why: 'x' })).user_error).toContain('trouble connecting');
    expect((await alice().modal())?.trouble).toContain('trouble connecting');
    expect(kinds()).toEqual(['errors_unknown_block']);
  });

  test('update, push and clear do what they say', async () => {
    await open([section('one')]);
    answers({ response_action: 'update', view: modal([section('two')]) });
    await alice().submits();
    expect(await alice().modal()).toMatchObject({ reads: 'two', depth: 1 });
    answers({ response_action: 'push', view: modal([section('three')]) });
    await alice().submits();
    expect(await alice().modal()).toMatchObject({ reads: 'three', depth: 2 });
    answers({ response_action: 'clear' });
    await alice().submits();
    expect(await alice().modal()).toBeUndefined();
    answers(null);
    await open([section('one')]);
    answers({ response_action: 'update', view: modal([section('')]) });
    await alice().submits();
    expect(kinds()).toEqual(['invalid_view']);
  });

  test("an app that fails leaves the modal open with Slack's words", async () => {
    await open([section('x')]);
    scene.app.answer = () => ({ status: 500 });
    expect((await alice().submits()).user_error).toBe('We had some trouble connecting. Try again?');
    expect((await alice().modal())?.view.busy).toBe(false);
  });

  test('slack S9: one view submitted twice at once is sent twice', async () => {
    await open([section('x')]);
    const before = scene.app.received.length;
    await Promise.all([alice().submits(), alice().submits()]);
    const sent = scene.app.received.slice(before).map((r) => r.payload.view.id);
    expect(sent).toHaveLength(2);
    expect(new Set(sent).size).toBe(1);
  });

  test('slack S10: with force another person submits the view', async () => {
    const view = await open([section('x')]);
    const bob = scene.workspace.driver.as('U01BOB');
    expect((await bob.submits({}, { view_id: view.id })).status).toBeNull();
    await bob.submits({}, { view_id: view.id, force: true });
    expect(last()).toMatchObject({ type: 'view_submission', user: { id: 'U01BOB' }, view: { id: view.id } });
  });
});

describe('closing', () => {
  test('slack S24: the app hears of it only where the view asked', async () => {
    await open([section('x')]);
    const before = scene.app.received.length;
    await alice().closes();
    expect(scene.app.received).toHaveLength(before);
    await open([section('x')], { notify_on_close: true });
    await alice().closes();
    expect(last()).toMatchObject({
      type: 'view_closed',
      is_cleared: false,
      user: { id: 'U01ALICE', team_id: 'T01TEST' },
    });
    expect((await alice().closes()).user_error).toBe('There is no open modal.');
  });
});

test('the shortcut carries a trigger; strangers have none', async () => {
  await alice().shortcut('request_access_shortcut');
  expect(last()).toMatchObject({
    type: 'shortcut',
    callback_id: 'request_access_shortcut',
    team: { id: 'T01TEST', domain: 'acme-test' },
  });
  expect(await scene.api('views.open', { trigger_id: last().trigger_id, view: modal([]) })).toMatchObject({ ok: true });
  expect((await scene.workspace.driver.as('U02EVE').shortcut('request_access_shortcut')).user_error).not.toBeNull();
});

test('the shortcut on a message brings the message, a trigger and a response URL; where one sees nothing there is none', async () => {
  const posted = await scene.api('chat.postMessage', { channel: 'C01APPROVALS', text: 'hello' });
  const message = { channel: 'C01APPROVALS', ts: String(posted.ts) };
  expect((await alice().shortcutOn(message, 'request_access_from_message')).user_error).toBeNull();
  expect(last()).toMatchObject({
    type: 'message_action',
    callback_id: 'request_access_from_message',
    user: { id: 'U01ALICE', team_id: 'T01TEST' },
    channel: { id: 'C01APPROVALS' },
    message_ts: message.ts,
    message: { ts: message.ts, text: 'hello' },
    response_url: expect.stringContaining('/response/'),
  });
  expect(await scene.api('views.open', { trigger_id: last().trigger_id, view: modal([]) })).toMatchObject({ ok: true });
  const eve = scene.workspace.driver.as('U02EVE');
  expect((await eve.shortcutOn(message, 'request_access_from_message')).user_error).not.toBeNull();
  expect((await alice().shortcutOn(message, 'request_access_shortcut')).user_error).toContain('no message shortcut');
});

test('a date and time is kept in seconds, sent as a number, and emptied', async () => {
  const element = { type: 'datetimepicker', action_id: 'at', initial_date_time: 1_900_000_000 };
  const block = { type: 'input', block_id: 'at', optional: true, label: { type: 'plain_text', text: 'At' }, element };
  await open([block]);
  expect((await alice().modal())?.fields.at?.value).toBe('1900000000');
  expect((await alice().chooses('at', 'tomorrow')).user_error).toContain('no time in seconds');
  await alice().submits({ at: '1900000060' });
  const state = { at: { at: { type: 'datetimepicker', selected_date_time: 1_900_000_060 } } };
  expect(last()).toMatchObject({ type: 'view_submission', view: { state: { values: state } } });
  await open([block]);
  await alice().submits({ at: null });
  expect(last()).toMatchObject({ view: { state: { values: { at: { at: { selected_date_time: null } } } } } });
});
