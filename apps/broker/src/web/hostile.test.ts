/** On the pages people see in a browser, other people's words stay words. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deceptions, HOSTILE_TEXTS } from '@sallyport/testkit/core';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { devicesOf } from '../testing/devices.ts';
import { browserOf, readOf } from '../testing/web-browser.ts';

let house: BrokerHouse;
beforeEach(async () => {
  house = await startBrokerHouse();
});
afterEach(() => house.close());

describe.each(Object.entries(HOSTILE_TEXTS))('%s', (_what, hostile) => {
  test('as the reason of a device, typed by its person, and as the code in the address', async () => {
    const device = devicesOf(house);
    const alice = browserOf(house);
    await alice.signIn('alice');
    const asked = await device.begin({ reason: hostile });
    // A reason that is no text is refused before anybody sees it.
    const { userCode } = asked.answer.status === 200 ? asked : await device.begin();
    const pages = [
      await device.review(alice, userCode),
      await alice.open(`/device?user_code=${encodeURIComponent(hostile.toWellFormed())}`),
      await device.confirm(alice, userCode, { choice: 'continue', reason: hostile.toWellFormed() }),
    ];
    const [id] = [...house.world.store.devices.keys()];
    pages.push(await alice.open(`/device/${id}`));
    for (const page of pages) {
      expect(page.text).not.toMatch(/<script(?! src="\/web\/live\.js" defer>)|<img|<\/textarea><\/p>/);
      expect(deceptions(readOf(page))).toEqual([]);
      expect(deceptions(page.text).filter((what) => what.includes('hidden'))).toEqual([]);
    }
  });
});
