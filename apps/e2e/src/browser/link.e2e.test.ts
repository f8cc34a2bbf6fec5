/** A real browser through the linking of a Slack account: Wanda types the command in Slack, signs in on the broker's page, types the code she was told; then she decides. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type House, startHouse } from '../house/house.ts';
import { CHANNEL, type People, peopleOf } from '../house/people.ts';
import { CHROMIUM, startBrowser, type TestBrowser } from './browser.ts';
import { type DemoSignIn, signInAtDemoIssuer } from './demo-sign-in.ts';

jest.setTimeout(120_000);
const inBrowser = CHROMIUM === undefined ? test.skip : test;

/** Wanda of the example is in group payments. Here she may decide. */
const IS_DBA = ['name: Wanda Wu\n    groups: [payments]', 'name: Wanda Wu\n    groups: [dba]'] as const;

describe.each(['http', 'socket'] as const)('in a browser, Slack in %s mode', (slackMode) => {
  let house: House;
  let people: People;
  let demo: DemoSignIn;
  let browser: TestBrowser;
  beforeAll(async () => {
    if (CHROMIUM === undefined) return;
    house = await startHouse({ slackMode });
    await house.policy.replace('30-people.yaml', ...IS_DBA);
    demo = await signInAtDemoIssuer(house);
    people = peopleOf(house);
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
    await demo?.stop();
  });

  async function codeTold(): Promise<string> {
    const wanda = people.as('W01WANDA');
    return people.slack.until(async () => {
      const told = (await wanda.dms()).flatMap((dm) => /Slack account: ([A-Z]{4}-[A-Z]{4})/.exec(dm.reads)?.[1] ?? []);
      return told.at(-1);
    });
  }

  inBrowser('41: from the command in Slack to both identities, the code, and a decision that counts', async () => {
    const slack = await browser.open(house.workspace.url, 'W01WANDA');
    await people.as('W01WANDA').types('/request-access', { channel: CHANNEL });
    const connect = slack.getByRole('link', { name: /Connect your account/ });
    await connect.waitFor();
    await browser.shoot(slack, 'link-connect');
    const url = (await people.as('W01WANDA').ephemerals()).flatMap((one) => one.buttons).at(-1)?.url ?? '';
    expect(url.startsWith(`${house.issuer}/link/slack?code=`)).toBe(true);

    const page = await browser.visit(url);
    await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
    await page.getByRole('button', { name: /Wanda Wu/ }).click();
    await page.getByRole('heading', { name: 'Is this Slack account yours?' }).waitFor();
    await page.getByText('T01TEST / W01WANDA').waitFor();
    await page.getByText('(wanda@acme.test)').waitFor();
    await browser.shoot(page, 'link');
    await page.getByLabel('Code from the direct message').fill('bcdf-ghjk');
    await page.getByRole('button', { name: 'Link this account' }).click();
    await page.getByRole('alert').getByText('That is not the code').waitFor();
    await page.getByLabel('Code from the direct message').fill((await codeTold()).toLowerCase());
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your Slack account is linked' }).waitFor();
    await browser.shoot(page, 'link-done');

    const dm = await people.slack.until(async () =>
      (await people.as('W01WANDA').dms()).find((one) => one.reads.includes('Linked to Wanda Wu.')),
    );
    expect(dm.buttons.map((one) => one.text)).toEqual(['Unlink']);
    const requestId = await people.aliceAsks();
    await people.slack.until(async () =>
      (await people.as('W01WANDA').dms()).some((one) => one.reads.includes('Your approval counts for: dba.')),
    );
    await people.as('W01WANDA').clicks('approve', { channel: CHANNEL, request: requestId });
    await people.cardReads(requestId, 'Wanda Wu approved at ');
    await page.goto(url);
    await page.getByRole('heading', { name: 'This link is not good any more' }).waitFor();
    expect(browser.errors).toEqual([]);
  });

  inBrowser('41: unlinked, she is nobody again, and the trail tells of all of it and verifies', async () => {
    await people.as('W01WANDA').clicks('unlink_account');
    await people.slack.until(async () => {
      const all = [...(await people.as('W01WANDA').ephemerals()), ...(await people.as('W01WANDA').dms())];
      return all.some((one) => one.reads.includes('Your Slack account is not linked any more.'));
    });
    const rows = await house.database.sql<{ type: string }>(
      `select type from audit where type like 'slack.%' order by id`,
    );
    expect(rows.map((row) => row.type)).toEqual(['slack.linked', 'slack.unlinked']);
    const told = await codeTold();
    const logs = [house.broker, house.slack, house.worker].map((program) => program.log()).join();
    for (const secret of [told, told.replace('-', ''), 'link/slack?code=']) expect(logs).not.toContain(secret);
    expect(await people.slack.violations()).toEqual([]);
  });
});
