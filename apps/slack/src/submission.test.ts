/** The request form as somebody may send it who is no Slack client: every field is read by its name and judged on the server. */
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { formatDuration, nameOf } from '@sallyport/core';
import { SIGNING_SECRET, type SlackHouse, startSlackHouse } from './testing/slack-house.ts';

const select = (value: string) => ({ selected_option: { value } });
const GOOD = {
  resource: { resource: select('orders-db') },
  role: { role: select('admin') },
  duration: { duration: select('30m') },
  justification: { justification: { value: 'rotate the leaked credentials' } },
};

describe('a form sent directly', () => {
  let house: SlackHouse;
  let views = 0;
  beforeEach(async () => {
    house = await startSlackHouse();
  });
  afterEach(async () => {
    await house.stop();
  });

  async function submits(values: object, view: object = {}): Promise<unknown> {
    views += 1;
    const payload = {
      type: 'view_submission',
      user: { id: 'U01ALICE', team_id: 'T01TEST' },
      team: { id: 'T01TEST' },
      view: { id: `V${views}`, type: 'modal', callback_id: 'request_access', state: { values }, ...view },
    };
    const body = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
    const stamp = String(Math.floor(Date.now() / 1_000));
    const answer = await fetch(`${house.url}/slack/events`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': stamp,
        'x-slack-signature': `v0=${createHmac('sha256', SIGNING_SECRET).update(`v0:${stamp}:${body}`).digest('hex')}`,
      },
      body,
    });
    const text = await answer.text();
    return text === '' ? null : JSON.parse(text);
  }
  const errorsOf = (answer: unknown): unknown =>
    typeof answer === 'object' && answer !== null && 'errors' in answer ? answer.errors : undefined;
  const asked = () => house.world.store.cases.get(house.request())?.case.request;

  test('without a subject it is for oneself; metadata we do not know is ignored', async () => {
    expect(await submits(GOOD, { private_metadata: 'whatever' })).toMatchObject({ response_action: 'update' });
    const request = asked();
    expect(request && nameOf(request.subject)).toBe('person:alice@acme.test');
    expect(request && formatDuration(request.duration)).toBe('30m');
  });

  test('for a workload one owns; a length typed instead of chosen; a ticket', async () => {
    const more = {
      subject: { subject: select('workload:payments-deploy') },
      duration: { duration: { value: '45m' } },
      ticket: { ticket: { value: 'OPS-1' } },
    };
    expect(errorsOf(await submits({ ...GOOD, ...more }))).toBeUndefined();
    const request = asked();
    expect(request && nameOf(request.subject)).toBe('workload:payments-deploy');
    expect(request?.ticket).toBe('OPS-1');
  });

  test.each([
    [
      'a resource that is not there',
      { resource: { resource: select('prod') } },
      'resource',
      'no such resource or role',
    ],
    ['a resource no rule gives', { resource: { resource: select('billing-api') } }, 'role', 'no such resource or role'],
    ['a role of another resource', { role: { role: select('operator') } }, 'role', 'no such resource or role'],
    ['a stale role', { role: { role: select('gone') } }, 'role', 'no such resource or role'],
    ['too long', { duration: { duration: select('2h') } }, 'duration', 'At most 1 hour here.'],
    ['no length', { duration: { duration: { value: 'soon' } } }, 'duration', 'Use a length like 30m'],
    [
      'too short a reason',
      { justification: { justification: { value: 'x' } } },
      'justification',
      'at least 10 characters',
    ],
    [
      '501 characters',
      { justification: { justification: { value: 'x'.repeat(501) } } },
      'justification',
      'At most 500',
    ],
    ['NUL', { justification: { justification: { value: 'a reason with \0 in it' } } }, 'justification', 'does not fit'],
    ['somebody else', { subject: { subject: select('person:bob@acme.test') } }, 'subject', 'neither you nor'],
    [
      'another’s workload',
      { subject: { subject: select('workload:reports-nightly') } },
      'role',
      'you do not own reports-nightly',
    ],
    ['no resource', { resource: { resource: { selected_option: null } } }, 'resource', 'complete this field'],
  ])('%s: an error on its block, nothing opened', async (_what, change, block, sentence) => {
    const answer = await submits({ ...GOOD, ...change });
    expect(answer).toMatchObject({ response_action: 'errors' });
    expect(errorsOf(answer)).toEqual({ [block]: expect.stringContaining(sentence) });
    expect(house.world.store.cases.size).toBe(0);
  });

  test('I-12: the same view sent twice at once is one request', async () => {
    const view = { id: 'V-twice' };
    const answers = await Promise.all([submits(GOOD, view), submits(GOOD, view)]);
    expect(answers.map(errorsOf)).toEqual([undefined, undefined]);
    expect(house.world.store.cases.size).toBe(1);
  });

  test('a person linked to nobody is told on the form, and it is audited', async () => {
    const dave = { user: { id: 'U01DAVE', team_id: 'T01TEST' } };
    const answer = await submits(GOOD, {});
    expect(errorsOf(answer)).toBeUndefined();
    const before = house.world.store.cases.size;
    const body = {
      type: 'view_submission',
      ...dave,
      team: { id: 'T01TEST' },
      view: { id: 'V-dave', callback_id: 'request_access', state: { values: GOOD } },
    };
    const sent = await house.driver.deliver({ kind: 'interactive', payload: body });
    expect(errorsOf(sent.body)).toEqual({ justification: expect.stringContaining('T01TEST / U01DAVE') });
    expect(house.world.store.cases.size).toBe(before);
    expect(house.world.store.audit.at(-1)).toMatchObject({
      reasonCode: 'identity_rejected',
      by: { external: 'slack:T01TEST/U01DAVE' },
    });
  });
});
