/** Tests of submitting and taking back: every submission is one request, its key makes a repeat the same one. */
import { expect, test } from '@jest/globals';
import { ALICE, anAsk, BOB, byline, codeOf, DAVE, DEPLOY, READ, story } from '@sallyport/testkit/core';

const key = (bodyHash: string) => ({ scope: 'rest:person:alice@acme.test', key: 'k', bodyHash: bodyHash.repeat(64) });

test('I-12: two submissions are two requests; the same key and body is one; another body is refused', async () => {
  const { asks, submit, by } = story();
  const [a, b] = [await asks(), await asks()];
  expect(a.request.id).not.toBe(b.request.id);
  const first = await asks({}, key('a'));
  expect((await asks({}, key('a'))).request.id).toBe(first.request.id);
  expect(codeOf(await submit(anAsk(), by, key('b')))).toBe('key_reused');
});

test('a refused ask leaves its row in the trail and no request', async () => {
  const { submit, by, trail, memory } = story();
  expect(codeOf(await submit(anAsk({ subject: DAVE, requester: DAVE }), by))).toBe('policy_forbids');
  expect(trail()).toEqual(['policy_forbids']);
  expect(memory.store.cases.size).toBe(0);
});

test('I-17: an auto-approved ask has its grant at once', async () => {
  const { asks } = story();
  const c = await asks({ subject: ALICE, role: READ });
  expect(c.grant?.status.state).toBe('active');
  expect(c.request.status).toMatchObject({ state: 'approved' });
});

test('only the requester takes it back, and a repeat changes nothing', async () => {
  const { asks, cancel } = story();
  const { request } = await asks();
  for (const who of [BOB, DEPLOY, DAVE]) {
    expect(codeOf(await cancel(request.id, who, byline({ principal: who })))).toBe('request_unknown');
  }
  expect(await cancel(request.id, ALICE, byline())).toMatchObject({ value: { changed: true } });
  expect(await cancel(request.id, ALICE, byline())).toMatchObject({ value: { changed: false } });
});
