/** Shows what is kept of installations in Slack: the last of each team, sealed, under the rights of the program that uses it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Attribution } from '@sallyport/core';
import { aPolicy } from '@sallyport/testkit';
import { openWorld, type PostgresWorld } from './world.support.ts';

const BY: Attribution = { door: 'slack', external: 'slack:T01TEST/U01ALICE', traceId: 'installing' };
const made = (team: string, sealedToken = 'sealed') => ({
  team,
  appId: 'A01SALLYPORT',
  botUserId: `${team}BOT`,
  installedBy: 'U01ALICE',
  sealedToken,
});

describe('installations', () => {
  let world: PostgresWorld;
  beforeAll(async () => {
    world = await openWorld(aPolicy(), { role: 'sallyport_slack' });
  });
  afterAll(() => world.close());
  const installations = () => world.postgres.slackInstallations;

  test('one for each team; the last takes the place of those before', async () => {
    expect(await installations().live()).toEqual([]);
    expect(await installations().put(made('T01TEST'), BY)).toBe(1);
    expect(await installations().put(made('T02MORE'), BY)).toBe(1);
    expect(await installations().put(made('T01TEST', 'sealed again'), BY)).toBe(2);
    expect(await installations().live()).toEqual([
      { team: 'T01TEST', version: 2, botUserId: 'T01TESTBOT', sealedToken: 'sealed again' },
      { team: 'T02MORE', version: 1, botUserId: 'T02MOREBOT', sealedToken: 'sealed' },
    ]);
  });

  test('one that has ended is gone, once; what is said of an earlier one does not touch a later', async () => {
    expect(await installations().end({ team: 'T01TEST', version: 1 }, 'app_uninstalled', BY)).toBe(false);
    expect(await installations().end({ team: 'T01TEST', version: 2 }, 'app_uninstalled', BY)).toBe(true);
    expect(await installations().end({ team: 'T01TEST', version: 2 }, 'tokens_revoked', BY)).toBe(false);
    expect((await installations().live()).map((one) => one.team)).toEqual(['T02MORE']);
    expect(await installations().put(made('T01TEST'), BY)).toBe(3);
    expect((await installations().live()).map((one) => one.version)).toEqual([3, 1]);
  });

  test('the trail tells of each, and of no token', async () => {
    const types = (await world.audit()).map((row) => row.type).filter((type) => type.startsWith('slack.'));
    expect(types).toEqual([...Array(3).fill('slack.installed'), 'slack.removed', 'slack.installed']);
  });
});
