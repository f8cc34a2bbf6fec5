/** A real browser on the page of a request: people decide there while Slack is down, and with a fresh sign-in where the policy wants one. By role and name. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type House, startHouse } from '../house/house.ts';
import { type People, peopleOf, WHY } from '../house/people.ts';
import { until } from '../house/until.ts';
import { CHROMIUM, startBrowser, type TestBrowser } from './browser.ts';
import { chooseWho, type DemoSignIn, signInAtDemoIssuer } from './demo-sign-in.ts';

const MINUTE_MS = 60_000;
jest.setTimeout(2 * MINUTE_MS);
const WHOLE = { whole: true };
const inBrowser = CHROMIUM === undefined ? test.skip : test;

describe('in a browser', () => {
  let house: House;
  let people: People;
  let demo: DemoSignIn;
  let browser: TestBrowser;
  beforeAll(async () => {
    if (CHROMIUM === undefined) return;
    house = await startHouse();
    people = peopleOf(house);
    demo = await signInAtDemoIssuer(house);
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
    await demo?.stop();
  });

  async function asks(duration = '30m'): Promise<string> {
    const wish = { resource: 'orders-db', role: 'admin', duration, justification: WHY, ticket: 'OPS-1207' };
    const asked = await demo.rest('alice', '/v1/access-requests', {
      ...wish,
      subject: { workload: 'payments-deploy' },
    });
    expect(asked.status).toBe(201);
    return String(asked.body.id);
  }

  /** Opens the page of a request in a browser of theirs, and signs in. */
  async function reads(name: RegExp, id: string): Promise<Page> {
    const page = await browser.visitApart(`${house.issuer}/requests/${id}`);
    await chooseWho(page, name);
    await page.getByRole('heading', { name: 'Alice Ahn asks for admin on Orders database (production)' }).waitFor();
    return page;
  }

  inBrowser(
    'with Slack down Bob and Dan approve on the page, the pipeline gets its token, Alice ends it there',
    async () => {
      const id = await asks();
      await house.slack.end('SIGTERM');
      const bob = await reads(/Bob/, id);
      await bob.getByText(WHY).waitFor();
      await browser.shoot(bob, 'request-page', WHOLE);
      await bob.getByRole('button', { name: 'Approve', exact: true }).click();
      await bob.getByText('1 of 2 approvals.').waitFor();
      const alice = await reads(/Alice/, id);
      await alice.getByText('1 of 2 approvals.').waitFor();

      const dan = await reads(/Dan/, id);
      await dan.getByRole('button', { name: 'Approve', exact: true }).click();
      await dan.getByText('Active', { exact: true }).waitFor();
      // Hers shows itself anew.
      await alice.getByText('Active', { exact: true }).waitFor();
      const given = await people.exchange({ request_id: id });
      expect(given.status).toBe(200);
      await alice.getByRole('button', { name: 'End now' }).click();
      await alice.getByText('Ended early').waitFor();
      expect((await people.introspect(String(given.body.access_token))).body).toEqual({ active: false });
      await alice.getByRole('link', { name: 'Requests' }).click();
      await alice.getByRole('heading', { name: 'Yours' }).waitFor();
      await browser.shoot(alice, 'requests-list', WHOLE);
      expect((await people.trail(id)).map((row) => row.type)).toEqual(
        expect.arrayContaining(['decision.made', 'request.approved', 'grant.revoked']),
      );
      expect(browser.errors).toEqual([]);
      await house.slack.start();
    },
  );

  inBrowser(
    'step-up: the approval waits for a fresh sign-in, counts after it, and for less only for that',
    async () => {
      await house.policy.replace('60-rules.yaml', '    roles: [admin]', '    step_up: true\n    roles: [admin]');
      const id = await asks();
      const carol = await reads(/Carol/, id);
      await until('the policy in force asks for step-up', 15_000, async () => {
        await carol.reload();
        return (await carol.getByText('Approving this needs a fresh sign-in.').count()) > 0;
      });
      const bob = await reads(/Bob/, id);
      await bob.getByText('Approving this needs a fresh sign-in.').waitFor();
      expect(await bob.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0);
      await browser.shoot(bob, 'step-up', WHOLE);
      await bob.getByText('Approve for less').click();
      await bob.getByLabel('For how long').selectOption('15m');
      await bob.getByRole('checkbox', { name: 'orders:write' }).uncheck();
      await bob.getByRole('button', { name: 'See what is left' }).click();
      await bob.getByText('That is less than was asked.').waitFor();
      await bob.getByRole('link', { name: 'Sign in again to approve' }).click();
      await chooseWho(bob, /Bob/);
      await bob.getByText('You signed in again for exactly this.').waitFor();
      await browser.shoot(bob, 'step-up-confirmed', WHOLE);
      await bob.getByRole('button', { name: 'Approve', exact: true }).click();
      await bob.getByText(/You approved this at/).waitFor();

      const dan = await reads(/Dan/, id);
      await dan.getByRole('link', { name: 'Sign in again to approve' }).click();
      await chooseWho(dan, /Dan/);
      await dan.getByRole('button', { name: 'Approve', exact: true }).click();
      await dan.getByText('Active', { exact: true }).waitFor();
      const shown = await demo.rest('bob', `/v1/access-requests/${id}/decisions`, { verdict: 'approve', revision: 2 });
      expect(shown.body).toMatchObject({ code: 'request_closed', state: 'approved' });
      const rows = await house.database.sql<{ stepped: boolean }>(
        'select stepped_up_at is not null as stepped from decisions where request_id = $1',
        [id],
      );
      expect(rows.map(({ stepped }) => stepped)).toEqual([true, true]);
      expect(browser.errors).toEqual([]);
    },
  );
});
