/** What Slack sends twice, answers it does not take, and connections it ends: no click lost, no effect doubled. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { anAsk, byline } from '@sallyport/testkit/core';
import { type SlackHouse, startSlackHouse } from './testing/slack-house.ts';
import { ALICE_ID, BOB_ID, cards, DAN_ID, isTold } from './testing/story.ts';

const BACK_MS = 10_000;

describe.each(['http', 'socket'] as const)('Slack delivers, %s mode', (mode) => {
  let house: SlackHouse;
  afterEach(async () => {
    const violations = await house.driver.violations();
    await house.stop();
    expect(violations).toEqual([]);
  });
  beforeEach(async () => {
    house = await startSlackHouse({ mode });
  });

  test('case 33: the same event twice has one effect', async () => {
    const bob = house.driver.as(BOB_ID);
    await bob.opensHome();
    await house.driver.until(async () => (await bob.home()) !== undefined);
    const opened = { type: 'app_home_opened', user: BOB_ID, tab: 'home', channel: 'D0' };
    for (let copy = 0; copy < 2; copy += 1) {
      expect((await house.driver.event(opened, 'Ev33')).user_error).toBeNull();
    }
    const changed = { type: 'user_change', user: { id: BOB_ID, team_id: 'T01TEST' } };
    for (let copy = 0; copy < 2; copy += 1) await house.driver.event(changed, 'Ev34');
    expect(house.world.store.cases.size).toBe(0);
    expect(await bob.dms()).toEqual([]);
  });

  test.each(['500', 'drop', 'error'] as const)(
    'case 38: the way to answer a click is gone (%s): the answer comes by direct message',
    async (kind) => {
      await asksOnce(house);
      await house.driver.fault({ method: 'response_url', kind, times: 5 });
      const pressed = await house.driver.as(ALICE_ID).clicks('approve');
      expect(pressed.user_error).toBeNull();
      await isTold(house, ALICE_ID, 'your own request');
      expect((await house.driver.as(ALICE_ID).dms()).some((one) => one.reads.includes('your own request'))).toBe(true);
      expect(decisions(house)).toBe(0);
    },
  );
});

describe('two connections in Socket Mode', () => {
  let house: SlackHouse;
  afterEach(async () => {
    const violations = await house.driver.violations();
    await house.stop();
    expect(violations).toEqual([]);
  });

  test.each(['warning', 'refresh_requested', 'too_many_websockets', 'kill'] as const)(
    'case 36: one of two connections ends (%s) while people click: no click is lost, and it is back in 10 s',
    async (action) => {
      house = await startSlackHouse({ mode: 'socket' });
      await house.second();
      await house.driver.until(async () => (await house.driver.socket('list')).length === 2);
      await asksOnce(house);
      const [one] = await house.driver.socket('list');
      await house.driver.socket(action, one?.id);
      const pressed = [
        await house.driver.as(BOB_ID).clicks('approve'),
        await house.driver.as(DAN_ID).clicks('approve'),
      ];
      expect(pressed.map((outcome) => outcome.user_error)).toEqual([null, null]);
      expect(decisions(house)).toBe(2);
      await house.driver.until(async () => {
        const now = await house.driver.socket('list');
        return now.length === 2 && now.every((each) => action === 'warning' || each.id !== one?.id);
      }, BACK_MS);
    },
    40_000,
  );
});

async function asksOnce(house: SlackHouse): Promise<void> {
  const before = (await cards(house)).length;
  expect((await house.byRest.submit(anAsk(), byline())).ok).toBe(true);
  await house.driver.until(async () => (await cards(house)).length > before);
}

function decisions({ world, request }: SlackHouse): number | undefined {
  return world.store.cases.get(request())?.case.decisions.length;
}
