/** /link/slack as a person sees it: both identities before anything happens, the code of the direct message, and who cannot. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LINK_MISSES_MAX, type LinkDesk, makeLinkDesk, person, type SlackAccount, userCodeText } from '@sallyport/core';
import { byline, seededChance, sha256Hashing } from '@sallyport/testkit/core';
import { type BrokerHouse, startBrokerHouse } from '../../testing/broker-house.ts';
import { browserOf, readOf, type Shown, type WebBrowser } from '../../testing/web-browser.ts';

const WANDA: SlackAccount = { team: 'T01TEST', user: 'W01WANDA' };
const BY = byline({ door: 'slack' });

let house: BrokerHouse;
let slack: LinkDesk;
let alice: WebBrowser;

beforeEach(async () => {
  house = await startBrokerHouse();
  // The Slack program's side of the same rows.
  slack = makeLinkDesk({
    links: house.world.slackLinks,
    ledger: house.world.ledger,
    chance: seededChance('slack'),
    hashing: sha256Hashing,
  });
  alice = browserOf(house);
});
afterEach(() => house.close());

async function handed(account = WANDA, name = 'wanda') {
  const made = await slack.hand(account, name, BY);
  if (!made.ok) throw new Error(made.error.code);
  const { code, confirmation } = made.value;
  return { code, path: `/link/slack?code=${code}`, told: userCodeText(confirmation) };
}
const confirms = (browser: WebBrowser, page: Shown, code: string, confirmation: string, choice = 'link') =>
  browser.post('/link/slack', { code, confirmation, choice }, page);
const linkedTo = async (account = WANDA) => (await house.world.slackLinks.ofAccount(account))?.person;
const reasons = () => house.world.store.audit.map((row) => row.reasonCode);

describe('41: linking on the page', () => {
  test('somebody who is not signed in signs in first, and comes back to both identities; looking links nothing', async () => {
    const { path, told, code } = await handed(WANDA, 'Bob Berg (CEO)');
    const begun = await alice.open(path);
    expect(begun.location).toContain('/authorize');
    const page = await alice.signIn('alice', path);
    const read = readOf(page);
    for (const said of [
      'Is this Slack account yours?',
      'T01TEST / W01WANDA',
      'Calls itself “Bob Berg (CEO)” (says Slack; anybody can choose it)',
      'Alice Ahn (alice@acme.test)',
      'Continue only if you opened this from your own Slack, just now',
      'If somebody sent you this link, or tells you a code, stop',
    ])
      expect(read).toContain(said);
    expect(page.text).not.toContain(told);
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.headers['referrer-policy']).toBe('no-referrer');
    expect(await linkedTo()).toBeUndefined();
    expect(JSON.stringify(house.logged)).not.toContain(code);
  });

  test('with the code of the direct message, in whatever case and spacing, the account is hers: once', async () => {
    const { path, told, code } = await handed();
    const page = await alice.signIn('alice', path);
    const sent = await confirms(alice, page, code, ` ${told.toLowerCase().replace('-', ' ')} `);
    expect(sent).toMatchObject({ status: 303, location: '/link/slack' });
    expect(readOf(await alice.open('/link/slack'))).toContain('Your Slack account is linked What T01TEST / W01WANDA');
    expect(await linkedTo()).toBe('alice@acme.test');
    expect(house.world.store.audit.at(-1)).toMatchObject({ type: 'slack.linked', actor: 'person:alice@acme.test' });
    expect((await confirms(alice, page, code, told)).status).toBe(404);
    expect((await alice.open(path)).status).toBe(404);
    expect(await house.world.slackLinks.claimNews(10)).toMatchObject([{ kind: 'linked', link: { account: WANDA } }]);
  });

  test('a forwarded link is of no use without the code, and dead after a few guesses', async () => {
    const { path, told, code } = await handed();
    const bob = browserOf(house);
    const page = await bob.signIn('bob', path);
    for (const guess of ['', 'not a code', 'BBBB-BBBB', 'CCCC-CCCC']) {
      const again = await confirms(bob, page, code, guess);
      expect(again.status).toBe(400);
      expect(readOf(again)).toContain('That is not the code');
      expect(again.text).toContain('aria-invalid="true"');
    }
    expect((await confirms(bob, page, code, 'DDDD-DDDD')).status).toBe(404);
    expect((await confirms(bob, page, code, told)).status).toBe(404);
    expect(await linkedTo()).toBeUndefined();
    expect(reasons().filter((code) => code === 'proof_rejected')).toHaveLength(LINK_MISSES_MAX);
  });

  test('"Not mine" ends it for everybody', async () => {
    const { path, told, code } = await handed();
    const page = await alice.signIn('alice', path);
    expect(readOf(await confirms(alice, page, code, told, 'decline'))).toContain('Nothing was linked');
    expect((await confirms(alice, page, code, told)).status).toBe(404);
    expect(await linkedTo()).toBeUndefined();
  });

  test('past ten minutes, or of a code that never was, the page says what to do', async () => {
    const { path } = await handed();
    await alice.signIn('alice');
    house.advance(601);
    const late = await alice.open(path);
    expect(late.status).toBe(404);
    expect(readOf(late)).toContain('Type /request-access in Slack: you get a new one');
    for (const code of ['x', 'A'.repeat(22), '', '%00'])
      expect((await alice.open(`/link/slack?code=${code}`)).status).toBe(404);
  });

  test('she is told which link of hers would end; then the old account is owed the news', async () => {
    const old = { team: 'T01TEST', user: 'U01OLD' };
    const first = await handed(old, 'old');
    await confirms(alice, await alice.signIn('alice', first.path), first.code, first.told);
    const { path, told, code } = await handed();
    const page = await alice.open(path);
    expect(readOf(page)).toContain('You are linked to T01TEST / U01OLD now. That link ends, and that account is told');
    await confirms(alice, page, code, told);
    expect([await linkedTo(old), await linkedTo()]).toEqual([undefined, 'alice@acme.test']);
    const news = await house.world.slackLinks.claimNews(10);
    expect(news.map(({ kind, link }) => `${kind} ${link.account.user}`)).toEqual([
      'relinked U01OLD',
      'linked W01WANDA',
    ]);
  });

  test('what the policy binds is not overridden: neither the person nor the account', async () => {
    house.putPolicy(
      house.policyWith(
        'groups: [managers], subject',
        'groups: [managers], slack: { team: T01TEST, user: U01BOB }, subject',
      ),
    );
    const bob = browserOf(house);
    const { path } = await handed();
    const refused = await bob.signIn('bob', path);
    expect(refused.status).toBe(409);
    expect(readOf(refused)).toContain('The policy says whose account this is');
    expect(readOf(await bob.open('/link/slack'))).toContain(
      'Your Slack account is set in the policy It is T01TEST / U01BOB',
    );
    const bobs = await handed({ team: 'T01TEST', user: 'U01BOB' });
    expect((await alice.signIn('alice', bobs.path)).status).toBe(409);
    expect(reasons()).toContain('identity_rejected');
  });

  test('a form of another session, or from elsewhere, links nothing', async () => {
    const { path, told, code } = await handed();
    const page = await alice.signIn('alice', path);
    const bob = browserOf(house);
    await bob.signIn('bob');
    expect((await confirms(bob, page, code, told)).status).toBe(403);
    const fields = { code, confirmation: told, choice: 'link' };
    const elsewhere = await alice.post('/link/slack', fields, page, { origin: 'https://evil.test' });
    expect(elsewhere.status).toBe(403);
    expect(await linkedTo()).toBeUndefined();
  });

  test('a name that would be markup is text', async () => {
    const { path } = await handed(WANDA, '<img src=x onerror=alert(1)>“admin”');
    const page = await alice.signIn('alice', path);
    expect(page.text).not.toContain('<img');
  });

  test('without a link of hers the page says how to make one', async () => {
    expect(readOf(await alice.signIn('alice', '/link/slack'))).toContain('No Slack account is linked by you');
    expect(await slack.linkOf(person('alice@acme.test'))).toBeUndefined();
  });
});
