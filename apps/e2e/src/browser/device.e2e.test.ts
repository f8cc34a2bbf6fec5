/** A real browser on the pages of the broker: Alice signs in at the demo identity provider and confirms her terminal's code; everything by role and name. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type House, startHouse } from '../house/house.ts';
import { type People, peopleOf, WHY } from '../house/people.ts';
import { CHROMIUM, startBrowser, type TestBrowser } from './browser.ts';
import { chooseWho, type DemoSignIn, signInAtDemoIssuer } from './demo-sign-in.ts';

const MINUTE_MS = 60_000;
jest.setTimeout(2 * MINUTE_MS);
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

  const poll = async (code: string) =>
    people.form(
      '/oauth/token',
      { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'psql', device_code: code },
      { prefer: 'wait=0' },
    );

  async function begin() {
    const { body } = await people.form('/oauth/device_authorization', { client_id: 'psql', scope: 'orders:write' });
    return {
      code: String(body.device_code),
      userCode: String(body.user_code),
      complete: String(body.verification_uri_complete),
    };
  }

  inBrowser(
    'P24: Alice follows the link, signs in, sees what is asked, continues; Bob and Dan approve; the page and the terminal hear of it',
    async () => {
      const device = await begin();
      const page = await browser.visit(device.complete);
      await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
      await browser.shoot(page, 'sign-in');
      await chooseWho(page, /Alice/);
      await page.getByRole('heading', { name: 'Connect a device' }).waitFor();
      expect(await page.getByLabel('Code').inputValue()).toBe(device.userCode);
      await browser.shoot(page, 'device-code');
      await page.getByRole('button', { name: 'Next' }).click();

      await page.getByText(device.userCode).waitFor();
      await page.getByText('Bob Berg (manager)').waitFor();
      await browser.shoot(page, 'device-review');
      await page.getByLabel('Why do you need it?').fill(WHY);
      await page.getByRole('button', { name: 'Continue' }).click();

      await page.getByText('0 of 2 approvals').waitFor();
      await browser.shoot(page, 'device-waiting');
      const requestId = (await page.getByText(/^req_/).textContent()) ?? '';
      await decide('bob', requestId);
      await page.getByText('1 of 2 approvals').waitFor();
      await decide('dan', requestId);
      await page.getByRole('heading', { name: 'Approved' }).waitFor();
      expect((await poll(device.code)).status).toBe(200);
      await page.getByRole('heading', { name: 'Your device has its access' }).waitFor();
      await browser.shoot(page, 'device-done');
      expect(browser.errors).toEqual([]);
    },
  );

  async function decide(who: string, requestId: string): Promise<void> {
    const path = `/v1/access-requests/${requestId}/decisions`;
    expect((await demo.rest(who, path, { verdict: 'approve', revision: 1 })).status).toBe(200);
  }

  inBrowser('a wrong code is told at its field; Deny is heard by the terminal; signing out ends it', async () => {
    const device = await begin();
    const page = await browser.visit(`${house.issuer}/device`);
    await page.getByLabel('Code').fill('bcdf ghjk');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('alert').getByText('No device shows this code').waitFor();
    await browser.shoot(page, 'device-wrong-code');
    await page.getByLabel('Code').fill(device.userCode.toLowerCase());
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByRole('heading', { name: 'You turned it away' }).waitFor();
    expect((await poll(device.code)).body.error).toBe('access_denied');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
  });

  inBrowser('somebody the directory does not know, and somebody who turns away, are told what to do', async () => {
    const page = await browser.visit(`${house.issuer}/login`);
    await page.getByLabel('Somebody else').fill('mallory');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'You are not in the directory' }).waitFor();
    await browser.shoot(page, 'sign-in-unknown');
    await page.goto(`${house.issuer}/login`);
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.getByRole('heading', { name: 'You did not sign in' }).waitFor();
    await browser.shoot(page, 'sign-in-declined');
  });
});
