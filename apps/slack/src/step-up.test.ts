/** The broker's page in Slack: a link where people can sign in there, and for step-up the only way to approve. In both modes. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { freshSignIn, instant, type Policy } from '@sallyport/core';
import { changed, ORDERS, WORKFORCE } from '@sallyport/testkit/core';
import { examplePolicy } from './testing/example-policy.ts';
import { ISSUER, type SlackHouse, startSlackHouse } from './testing/slack-house.ts';
import { asks, BOB_ID, cardReads, DAN_ID, isTold, refusals } from './testing/story.ts';

// A busy machine is no failure.
jest.setTimeout(20_000);

const withLogin = (): Policy => changed(examplePolicy(), { login: { issuer: WORKFORCE, clientId: 'web' } });
const guarded = (policy: Policy): Policy =>
  changed(policy, {
    resources: policy.resources.map((one) => (one.id === ORDERS ? { ...one, stepUp: true as const } : one)),
  });

describe.each(['http', 'socket'] as const)('%s mode', (mode) => {
  let house: SlackHouse;
  const start = async (policy: Policy) => {
    house = await startSlackHouse({ mode, policy });
  };
  afterEach(async () => {
    const violations = await house.driver.violations();
    await house.stop();
    expect(violations).toEqual([]);
  });

  const pageUrl = () => `${ISSUER}/requests/${house.request()}`;
  const pageLinkOf = async (user: string) => {
    const dm = await isTold(house, user, 'Your approval counts for: ');
    return dm.buttons.find((one) => one.action_id === 'open_page');
  };

  describe('step-up', () => {
    beforeEach(() => start(guarded(withLogin())));

    test('the card says it in words; Approve is refused and leads to the page; Deny works as ever', async () => {
      await asks(house);
      const card = await cardReads(house, "Approving needs a fresh sign-in on Sallyport's own page: press Approve.");
      expect(card.reads).toContain('Denying needs none.');
      const pressed = await house.driver.as(BOB_ID).clicks('approve');
      expect(pressed.user_error).toBeNull();
      const told = await isTold(house, BOB_ID, 'Approving this needs a fresh sign-in');
      expect(told.reads).toContain('Nothing changed yet: sign in there and approve.');
      expect(told.buttons).toMatchObject([{ action_id: 'open_page', url: pageUrl() }]);
      expect(told.buttons[0]?.accessibility_label).toBe(`Confirm on Sallyport's page ${house.request()}`);
      expect(refusals(house)).toEqual(['step_up_required']);
      expect(house.world.store.cases.get(house.request())?.case.version).toBe(1);
      await house.driver.as(BOB_ID).clicks('deny');
      await house.driver.until(async () => (await house.driver.as(BOB_ID).modal())?.callback_id === 'deny_request');
      await house.driver.as(BOB_ID).submits({ reason: 'not today' });
      await cardReads(house, 'Denied by Bob Berg at ');
    });

    test('approving for less is refused before its form opens, and leads there too', async () => {
      await asks(house);
      await house.driver.as(DAN_ID).clicks('approve_less');
      const told = await isTold(house, DAN_ID, 'Approving this needs a fresh sign-in');
      expect(told.buttons).toMatchObject([{ url: pageUrl() }]);
      expect(await house.driver.as(DAN_ID).modal()).toBeUndefined();
    });

    test('what was approved on the page shows on the card like any approval', async () => {
      await asks(house);
      const { request } = house.world.store.cases.get(house.request())?.case ?? {};
      if (request === undefined) throw new Error('no request');
      const { id, revision, digest } = request;
      const person = 'bob@acme.test' as never;
      const signIn = freshSignIn({
        person,
        request: id,
        revision,
        digest,
        authenticatedAt: instant(house.clock.now()),
      });
      const command = { requestId: id, person, verdict: 'approve', revision, signIn, hideFromStrangers: true } as const;
      expect((await house.byRest.decide(command, { door: 'web', traceId: 't' })).ok).toBe(true);
      await cardReads(house, '1 of 2 approvals. Bob Berg approved at ');
    });
  });

  test('where people can sign in, approvers get the page’s link, and the press of it is acknowledged', async () => {
    await start(withLogin());
    await asks(house);
    expect(await pageLinkOf(BOB_ID)).toMatchObject({
      url: pageUrl(),
      accessibility_label: `Open the page of ${house.request()}`,
    });
    const dm = await isTold(house, BOB_ID, 'Your approval counts for: ');
    const pressed = await house.driver.as(BOB_ID).clicks('open_page', { channel: dm.channel, ts: dm.ts });
    expect(pressed.user_error).toBeNull();
    await house.driver.as(BOB_ID).clicks('details');
    const modal = await house.driver.until(async () => {
      const shown = await house.driver.as(BOB_ID).modal();
      return shown?.title === 'Request details' ? shown : undefined;
    });
    expect(JSON.stringify(modal.view.blocks)).toContain(pageUrl());
    await house.driver.as(BOB_ID).closes();
  });

  test('where nobody can sign in there is no such link', async () => {
    await start(examplePolicy());
    await asks(house);
    expect(await pageLinkOf(BOB_ID)).toBeUndefined();
  });
});
