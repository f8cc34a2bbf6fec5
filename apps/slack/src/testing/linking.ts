/** Owns the steps of linking that tests share: a policy where people sign in, and what a person would do in browser and Slack. */
import { type LinkId, makeLinkDesk, type PersonId, type Policy, person } from '@sallyport/core';
import { aPerson, byline, changed, seededChance, sha256Hashing } from '@sallyport/testkit/core';
import type { SeenMessage } from '@sallyport/testkit/slack';
import { examplePolicy } from './example-policy.ts';
import type { SlackHouse } from './slack-house.ts';

/** Two dbas whose accounts the policy does not name. */
export const WANDA = person('wanda@acme.test');
export const WALT = person('walt@acme.test');
export const WANDA_ID = 'W01WANDA';
export const DAVE_ID = 'U01DAVE';

/** The example world, where people sign in, with two dbas who have no account yet. */
export function policyWithLogin(): Policy {
  const base = examplePolicy();
  const issuer = base.issuers.find((one) => one.kind === 'workforce')?.name;
  if (issuer === undefined) throw new Error('the example has a workforce issuer');
  return changed(base, {
    people: [...base.people, withoutAccount(WANDA.id, 'Wanda Wu'), withoutAccount(WALT.id, 'Walt Wei')],
    login: { issuer, clientId: 'sallyport-web' },
  });
}

function withoutAccount(id: PersonId, name: string) {
  const { slack: _, ...entry } = aPerson(id, { name, groups: ['dba'] });
  return entry;
}

/** The newest link button this account was handed, as the code in its address. */
export function codeIn(messages: readonly SeenMessage[]): string {
  const url = messages
    .flatMap((message) => message.buttons)
    .findLast((button) => button.url?.includes('/link/slack'))?.url;
  return new URL(url ?? 'https://nothing.was.handed.out').searchParams.get('code') ?? '';
}

/** The newest confirmation code among the direct messages. */
export function toldIn(messages: readonly SeenMessage[]): string {
  const told = messages.flatMap(
    (message) => /connect this Slack account: ([A-Z]{4}-[A-Z]{4})/.exec(message.reads)?.[1] ?? [],
  );
  return told.at(-1) ?? '';
}

/** Asks for the form and is handed a link; resolves with both codes. */
export async function isHandedLink(house: SlackHouse, user: string): Promise<{ code: string; told: string }> {
  const one = house.driver.as(user);
  const [linksBefore, dmsBefore] = [codeIn(await one.ephemerals()), toldIn(await one.dms())];
  await one.types('/request-access', { channel: 'C01APPROVALS' });
  const code = await house.driver.until(async () => {
    const found = codeIn(await one.ephemerals());
    return found !== linksBefore && found;
  });
  const told = await house.driver.until(async () => {
    const found = toldIn(await one.dms());
    return found !== dmsBefore && found;
  });
  return { code, told };
}

/** What the broker's page does for somebody who signed in. */
export function pageOf(house: SlackHouse) {
  const { slackLinks: links, ledger } = house.world;
  const desk = makeLinkDesk({ links, ledger, chance: seededChance(`page ${pages++}`), hashing: sha256Hashing });
  return {
    confirms: (who: PersonId, { code, told }: { code: string; told: string }) =>
      desk.confirm(code, told, person(who), byline({ door: 'oauth', principal: person(who) })),
  };
}
let pages = 0;

/** Links an account from its first command to the message that tells of it. */
export async function links(house: SlackHouse, user: string, who: PersonId): Promise<LinkId> {
  const linked = await pageOf(house).confirms(who, await isHandedLink(house, user));
  if (!linked.ok) throw new Error(`not linked: ${linked.error.code}`);
  const { id } = linked.value;
  await house.driver.until(async () => (await house.driver.as(user).dms()).some((dm) => hasUnlink(dm, id)));
  return id;
}

function hasUnlink({ buttons }: SeenMessage, id: LinkId): boolean {
  return buttons.some((button) => button.action_id === 'unlink_account' && button.value?.includes(id));
}
