/** Checks what one person's page holds: their own, and nothing of what only others may see. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { APPROVALS, type RunningWorkspace, startWorkspace } from '@sallyport/testkit/slack';
import { HOME, type PageView, pageView } from './page.ts';

let workspace: RunningWorkspace;

beforeAll(async () => {
  workspace = await startWorkspace({ port: 0, botToken: 'xoxb-page-test', signingSecret: 'page-test-secret' });
});

afterAll(() => workspace.close());

/** The app calls the Web API. */
async function app(method: string, body: object): Promise<{ ok: boolean; ts: string }> {
  const answer = await fetch(`${workspace.apiUrl}${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer xoxb-page-test' },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as { ok: boolean; ts: string };
}

function drawn(user: string, open: string = APPROVALS): PageView {
  const { engine } = workspace;
  return pageView(engine.seenBy(user), {
    open,
    reader: { zone: 'UTC', now: Date.now() },
    groups: engine.state.groups,
    violations: engine.violations(),
    channelName: (id) => engine.state.channels[id]?.name,
    directOf: () => ({ direct: '', newest: '' }),
  });
}

const messages = (view: PageView) => (view.here.kind === 'conversation' ? view.here.messages : []);

describe('people', () => {
  test.each([
    ['U01ALICE', 'Full member'],
    ['U01GINA', 'Guest'],
    ['U01SOLO', 'Single-channel guest'],
    ['U01GREG', 'Deactivated'],
    ['U02EVE', 'Other company'],
    ['W01WANDA', 'Full member'],
  ])('%s is a %s', (id, standing) => {
    expect(drawn(id).you.standing).toBe(standing);
    expect(drawn('U01ALICE').rail.find((person) => person.id === id)?.standing).toBe(standing);
  });

  test('bots are nobody to act as, and a deactivated person cannot write', () => {
    expect(drawn('U01ALICE').rail.some((person) => person.name === 'Sallyport')).toBe(false);
    expect(drawn('U01GREG').here).toMatchObject({ canWrite: false });
  });
});

describe('what only some may see', () => {
  test('an ephemeral is in one person’s page, marked, and in nobody else’s', async () => {
    await app('chat.postEphemeral', { channel: APPROVALS, user: 'U01ALICE', text: 'for Alice alone' });
    expect(messages(drawn('U01ALICE')).at(-1)).toMatchObject({ isOnlyYours: true, spoken: 'for Alice alone' });
    expect(JSON.stringify(drawn('U01BOB'))).not.toContain('for Alice alone');
  });

  test('a private channel is there for its members only, also when asked for by id', async () => {
    await app('chat.postMessage', { channel: 'C01SECRET', text: 'hidden words' });
    expect(drawn('U01CAROL', 'C01SECRET').here).toMatchObject({ title: 'secret', isPrivate: true });
    expect(JSON.stringify(drawn('U01ALICE', 'C01SECRET'))).not.toMatch(/hidden words|C01SECRET/);
  });

  test('a direct message is in its person’s page', async () => {
    const directs = drawn('U01DAN').directs.map((place) => place.id);
    await app('chat.postMessage', { channel: directs[0], text: 'psst, Dan' });
    expect(messages(drawn('U01DAN', directs[0])).at(-1)).toMatchObject({ isApp: true, spoken: 'psst, Dan' });
    expect(JSON.stringify(drawn('U01BOB', directs[0]))).not.toContain('psst, Dan');
  });
});

test('replies stand under their message, and a place knows its newest word', async () => {
  const parent = await app('chat.postMessage', { channel: APPROVALS, text: 'a card' });
  const reply = await app('chat.postMessage', { channel: APPROVALS, thread_ts: parent.ts, text: 'Bob approved.' });
  const view = drawn('U01BOB');
  const seen = messages(view).find((message) => message.ts === parent.ts);
  expect(seen?.replies.map((message) => message.spoken)).toEqual(['Bob approved.']);
  expect(view.channels.find((place) => place.id === APPROVALS)).toMatchObject({ newest: reply.ts, isOpen: true });
});

test('a message changed by text alone is marked as edited and read anew', async () => {
  const sent = await app('chat.postMessage', { channel: APPROVALS, text: 'before' });
  await app('chat.update', { channel: APPROVALS, ts: sent.ts, text: 'after' });
  expect(messages(drawn('U01BOB')).at(-1)).toMatchObject({ spoken: 'after', isEdited: true });
});

test('Home is empty until the app has published one', async () => {
  expect(drawn('U01BOB', HOME).here).toMatchObject({ kind: 'home', title: 'Sallyport', view: null });
  const blocks = [{ type: 'header', text: { type: 'plain_text', text: 'Waiting for you' } }];
  await app('views.publish', { user_id: 'U01BOB', view: { type: 'home', blocks } });
  expect(drawn('U01BOB', HOME).here).toMatchObject({ view: { blocks: [{ kind: 'header', text: 'Waiting for you' }] } });
});

test('equal states give equal values, so that a stream says nothing twice', () => {
  expect(JSON.stringify(drawn('U01BOB'))).toBe(JSON.stringify(drawn('U01BOB')));
});
