/** On the pages people see in a browser, other people's words stay words. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeQuestionRequest, type PersonId, type RequestId } from '@sallyport/core';
import { deceptions, HOSTILE_TEXTS } from '@sallyport/testkit/core';
import { type BrokerHouse, startBrokerHouse } from '../testing/broker-house.ts';
import { callersOf } from '../testing/callers.ts';
import { devicesOf } from '../testing/devices.ts';
import { browserOf, readOf, type Shown } from '../testing/web-browser.ts';

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
    for (const page of pages) staysWords(page);
  });

  test('as reason and ticket of a request, as a question about it, and as the reason of its denial', async () => {
    const text = hostile.toWellFormed();
    const call = callersOf(house);
    const told = await call.ask('alice', { justification: text, ticket: text.slice(0, 100).toWellFormed() });
    // What is refused, as words that hold no control characters are, nobody is shown.
    const asked = told.status === 201 ? told : await call.ask('alice', {});
    const requestId = String(asked.body.id) as RequestId;
    const question = { requestId, by: 'bob@acme.test' as PersonId, text };
    await makeQuestionRequest(house.world).ask(question, { door: 'slack', traceId: 't' });
    const bob = browserOf(house);
    await bob.signIn('bob');
    const page = await bob.open(`/requests/${requestId}`);
    const fields = { choice: 'deny', revision: '1', reason: text.slice(0, 300).toWellFormed() };
    const denied = await bob.post(`/requests/${requestId}`, fields, page);
    const pages = [page, denied, await bob.open(`/requests/${requestId}`), await bob.open('/requests')];
    expect(readOf(page)).toContain('Bob Berg asked at');
    for (const shown of pages) staysWords(shown);
  });
});

function staysWords(page: Shown): void {
  expect(page.text).not.toMatch(/<script(?! src="\/web\/live\.js" defer>)|<img|<\/textarea><\/p>/);
  expect(deceptions(readOf(page))).toEqual([]);
  expect(deceptions(page.text).filter((what) => what.includes('hidden'))).toEqual([]);
}
