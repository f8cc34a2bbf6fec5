/** One slow or failing method of Slack never delays what somebody else does: two clients, and no call in the way of a form. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { anAsk, byline, DEPLOY } from '@sallyport/testkit/core';
import { type SlackHouse, startSlackHouse } from './testing/slack-house.ts';
import { ALICE_ID, BOB_ID, cards, DAN_ID, opensForm } from './testing/story.ts';

/** Longer than anybody waits for a form, shorter than our own patience with a message. */
const SLOW_MS = 5_000;
const FORM_MS = 3_000;

describe.each(['http', 'socket'] as const)('interactive calls never wait behind background ones, %s mode', (mode) => {
  let house: SlackHouse;
  beforeEach(async () => {
    house = await startSlackHouse({ mode });
  });
  afterEach(async () => {
    // Late acknowledgements and dead triggers are violations: none.
    const violations = await house.driver.violations();
    await house.driver.clearFaults();
    await house.stop();
    expect(violations).toEqual([]);
  });
  /** More requests than are brought at once. */
  const pipelinesAsk = async (): Promise<void> => {
    for (let one = 0; one < 12; one += 1) {
      const asked = await house.byRest.submit(
        anAsk({ requester: DEPLOY, door: 'oauth' }),
        byline({ principal: DEPLOY }),
      );
      expect(asked.ok).toBe(true);
    }
  };
  const begun = (method: string) =>
    house.driver.until(() => house.workspace.engine.faults().every((one) => one.method !== method || one.times !== 50));

  test.each(['chat.postMessage', 'conversations.open', 'conversations.info'])(
    'case 28: %s takes 5 s for everybody: another person’s form opens all the same',
    async (method) => {
      await house.driver.fault({ method, kind: 'delay', delay_ms: SLOW_MS, times: 50 });
      await pipelinesAsk();
      await begun(method);
      await formOpens(ALICE_ID);
    },
    30_000,
  );

  test.each(['chat.postMessage', 'chat.update', 'conversations.open'])(
    'case 28: %s answers 429 for 5 s: another person’s form opens all the same',
    async (method) => {
      await house.driver.fault({ method, kind: '429', retry_after: 5, times: 50 });
      await pipelinesAsk();
      await formOpens(ALICE_ID);
    },
    30_000,
  );

  test('the Home of one person cannot be published: the form of another opens', async () => {
    await house.driver.fault({ method: 'views.publish', channel: BOB_ID, kind: 'delay', delay_ms: SLOW_MS, times: 50 });
    await house.driver.as(BOB_ID).opensHome();
    await formOpens(ALICE_ID);
  }, 30_000);

  test('a click on a card is taken while no message can be posted', async () => {
    await house.byRest.submit(anAsk(), byline());
    await house.driver.until(async () => (await cards(house)).length === 1);
    await house.driver.fault({ method: 'chat.update', kind: 'delay', delay_ms: SLOW_MS, times: 50 });
    const first = await house.driver.as(BOB_ID).clicks('approve');
    const second = await house.driver.as(DAN_ID).clicks('approve');
    expect([first.user_error, second.user_error]).toEqual([null, null]);
    expect(house.world.store.cases.get(house.request())?.case.grant?.status.state).toBe('active');
  }, 30_000);

  /** In the time the trigger lives: Slack itself refuses a form that comes later. */
  async function formOpens(user: string): Promise<void> {
    const person = house.driver.as(user);
    await opensForm(house, person);
    await house.driver.until(async () => (await person.modal())?.fields.resource !== undefined, FORM_MS);
    await person.fills({ resource: 'orders-db' });
    expect((await person.modal())?.fields.role).toBeDefined();
  }
});
