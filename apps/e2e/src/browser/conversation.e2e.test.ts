/** The whole conversation in a real browser, as three people have it: asked, questioned, narrowed, approved, used up, asked on. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type House, startHouse } from '../house/house.ts';
import { CHROMIUM, startBrowser, type TestBrowser } from './browser.ts';

const MINUTE_MS = 60_000;
jest.setTimeout(3 * MINUTE_MS);
const inBrowser = CHROMIUM === undefined ? test.skip : test;
/** What comes by itself may take a look of the program, and a slow machine. */
const BY_ITSELF = { timeout: 40_000 };

describe('a conversation of three', () => {
  let house: House;
  let browser: TestBrowser;
  beforeAll(async () => {
    if (CHROMIUM === undefined) return;
    house = await startHouse({ movableClock: true });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  /** Tall enough for a whole card and its thread. */
  const TALL = { width: 1280, height: 1180 };
  async function channelOf(user: string): Promise<Page> {
    const page = await browser.open(house.workspace.url, user);
    await page.setViewportSize(TALL);
    return page;
  }
  /** The direct messages between somebody and the app. */
  async function messagesOf(user: string): Promise<Page> {
    const { state } = await house.workspace.driver.snapshot();
    const own = Object.values(state.channels).find(({ kind, members }) => kind === 'im' && members.includes(user));
    return browser.open(house.workspace.url, user, own?.id ?? '');
  }
  const dialog = (page: Page, name: string) => page.getByRole('dialog', { name });
  const press = (page: Page, name: RegExp) => page.getByRole('button', { name }).last().click();

  inBrowser('from the ask to more time', async () => {
    const alice = await channelOf('U01ALICE');
    const line = alice.getByLabel('Message #approvals');
    await line.fill('/request-access');
    await line.press('Enter');
    await dialog(alice, 'Request access').waitFor();
    await alice.getByLabel('Resource').fill('ord');
    await alice.getByRole('option', { name: /Orders database/ }).waitFor();
    await browser.shoot(alice, 'slack-search');
    await alice.getByRole('option', { name: /Orders database/ }).click();
    await alice.getByLabel('Role').selectOption('admin');
    await alice.getByLabel('For', { exact: true }).selectOption('workload:payments-deploy');
    await alice.getByRole('radio', { name: '1 hour' }).check();
    await alice.getByLabel('Why', { exact: true }).fill('Backfill the orders that failed over night');
    await alice.getByLabel(/Ticket/).fill('OPS-1207');
    await alice.getByText(/people can answer/).waitFor();
    await dialog(alice, 'Request access').getByText('Resource', { exact: true }).scrollIntoViewIfNeeded();
    await browser.shoot(alice, 'slack-ask');
    await alice.getByRole('button', { name: 'Send request' }).click();
    await dialog(alice, 'Request sent').waitFor();
    await browser.shoot(alice, 'slack-sent');
    await dialog(alice, 'Request sent').getByRole('button', { name: 'Close', exact: true }).last().click();

    const bob = await channelOf('U01BOB');
    await bob.getByRole('button', { name: /Approve request/ }).waitFor();
    await bob.getByText('Worth knowing').waitFor();
    await browser.shoot(bob, 'slack-card');
    await press(bob, /Ask a question/);
    await bob.getByLabel('What do you want to know?').fill('Does it touch orders that were paid already?');
    await dialog(bob, 'Ask a question').getByRole('button', { name: 'Send', exact: true }).click();

    const alicesMessages = await messagesOf('U01ALICE');
    await alicesMessages.getByText('Bob Berg has a question').first().waitFor();
    await press(alicesMessages, /Reply/);
    await alicesMessages.getByLabel('Your answer').fill('No: only those that failed, 212 of them.');
    await browser.shoot(alicesMessages, 'slack-reply');
    await dialog(alicesMessages, 'Reply').getByRole('button', { name: 'Send', exact: true }).click();
    await alicesMessages.getByText('Alice Ahn answers:').first().waitFor();
    await browser.shoot(alicesMessages, 'slack-question');

    const dan = await channelOf('U01DAN');
    await dan.getByText('all answered').first().waitFor();
    await press(dan, /Approve for less/);
    await dialog(dan, 'Approve for less').waitFor();
    await dan.getByRole('checkbox', { name: 'orders:read' }).uncheck();
    await browser.shoot(dan, 'slack-less');
    await dan.getByRole('button', { name: 'Approve this' }).click();
    await dan.getByText('Dan Dorn approved less than was asked').first().waitFor();
    await press(dan, /Details/);
    await dialog(dan, 'Request details').waitFor();
    await browser.shoot(dan, 'slack-details');

    await bob.getByText('1 of 2 approvals').first().waitFor();
    await browser.shoot(bob, 'slack-one-of-two');
    await bob.getByRole('button', { name: /Approve request/ }).click();
    await bob.getByRole('dialog').getByRole('button', { name: 'Approve' }).waitFor();
    await browser.shoot(bob, 'slack-confirm');
    await bob.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await bob.getByText('Active until').first().waitFor();
    await bob.getByText('Bob Berg approved this at').first().waitFor();
    await browser.shoot(bob, 'slack-active');

    await alicesMessages.getByText('Approved: admin').first().waitFor();
    await browser.shoot(alicesMessages, 'slack-approved');
    const home = await browser.open(house.workspace.url, 'U01ALICE', 'home');
    await home.getByRole('heading', { name: 'Your active access' }).waitFor();
    await home.getByText('admin on Orders database (production)').first().waitFor();
    await browser.shoot(home, 'slack-home');

    await house.database.advance(51 * MINUTE_MS);
    await alicesMessages
      .getByText(/Ends in \d+ minutes/)
      .first()
      .waitFor(BY_ITSELF);
    await browser.shoot(alicesMessages, 'slack-ending');
    await press(alicesMessages, /More time/);
    await dialog(alicesMessages, 'More time').waitFor();
    await browser.shoot(alicesMessages, 'slack-more-time');
    await alicesMessages.getByRole('button', { name: 'Send request' }).click();
    await dialog(alicesMessages, 'Request sent').waitFor();

    await house.database.advance(65 * MINUTE_MS);
    const bobsMessages = await messagesOf('U01BOB');
    await bobsMessages.getByText('Still waiting for you').first().waitFor(BY_ITSELF);
    await browser.shoot(bobsMessages, 'slack-reminder');
    await bob.getByText('time was over').first().waitFor(BY_ITSELF);
    await browser.shoot(bob, 'slack-over');

    expect(browser.errors).toEqual([]);
    expect(await house.workspace.driver.violations()).toEqual([]);
  });
});
