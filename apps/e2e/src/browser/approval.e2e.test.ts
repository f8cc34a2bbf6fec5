/** A real browser on the local workspace: the form is filled, Approve is clicked, the App Home is read. By role and name, as a screen reader finds things. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type House, startHouse } from '../house/house.ts';
import { peopleOf } from '../house/people.ts';
import { CHROMIUM, startBrowser, type TestBrowser } from './browser.ts';

const MINUTE_MS = 60_000;
jest.setTimeout(2 * MINUTE_MS);
const inBrowser = CHROMIUM === undefined ? test.skip : test;

describe('in a browser', () => {
  let house: House;
  let browser: TestBrowser;
  beforeAll(async () => {
    if (CHROMIUM === undefined) return;
    house = await startHouse();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  inBrowser('Alice fills the form, Bob and Dan click Approve, everybody sees what became of it', async () => {
    const alice = await browser.open(house.workspace.url, 'U01ALICE');
    const line = alice.getByLabel('Message #approvals');
    await line.fill('/request-access');
    await line.press('Enter');
    const form = alice.getByRole('dialog', { name: 'Request access' });
    await form.waitFor();
    await alice.getByLabel('Resource').fill('ord');
    await alice.getByRole('option', { name: /Orders database/ }).click();
    await alice.getByLabel('Role').selectOption('admin');
    await alice.getByLabel('For', { exact: true }).selectOption('workload:payments-deploy');
    await alice.getByRole('radio', { name: '30 minutes' }).check();
    await alice.getByLabel('Why', { exact: true }).fill('Backfill the orders that failed over night, ticket OPS-1207');
    await browser.shoot(alice, 'request-form');
    await alice.getByRole('button', { name: 'Send request' }).click();
    await alice
      .getByRole('dialog', { name: 'Request sent' })
      .getByRole('button', { name: 'Close', exact: true })
      .last()
      .click();
    await alice.getByRole('button', { name: /Approve request/ }).waitFor();

    await clickApprove(await browser.open(house.workspace.url, 'U01BOB'), '1 of 2 approvals', 'approval-one-of-two');
    await clickApprove(await browser.open(house.workspace.url, 'U01DAN'), 'Active until', 'approval');

    await alice.getByText('Active until').first().waitFor();
    const asked = await peopleOf(house).rest('alice', 'GET', '/v1/access-requests');
    expect(asked.body.items).toMatchObject([
      { state: 'approved', resource: 'orders-db', role: 'admin', subject: 'workload:payments-deploy' },
    ]);
    expect(browser.errors).toEqual([]);
  });

  inBrowser('the App Home shows what is active, and "End now" ends it', async () => {
    const alice = await browser.open(house.workspace.url, 'U01ALICE', 'home');
    await alice.getByRole('heading', { name: 'Your active access' }).waitFor();
    await alice.getByText('admin on Orders database (production)').first().waitFor();
    await browser.shoot(alice, 'app-home');
    await alice
      .getByRole('button', { name: /End now/ })
      .first()
      .click();
    await alice.getByRole('dialog').getByRole('button', { name: /End/ }).click();
    const approvals = await browser.open(house.workspace.url, 'U01ALICE');
    await approvals.getByText('Ended early by Alice Ahn').first().waitFor();
    await browser.shoot(approvals, 'ended-early');
    const { body } = await peopleOf(house).rest('alice', 'GET', '/v1/grants');
    expect(body.items).toMatchObject([{ state: 'revoked' }]);
    expect(browser.errors).toEqual([]);
  });

  async function clickApprove(page: Page, then: string, picture: string): Promise<void> {
    await page.getByRole('button', { name: /Approve request/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await page.getByText(then).first().waitFor();
    await browser.shoot(page, picture);
  }
});
