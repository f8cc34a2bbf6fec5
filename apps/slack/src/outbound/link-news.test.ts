/** Tests of who hears of their link: nobody's news is lost while the app is out of their workspace. */
import { expect, test } from '@jest/globals';
import { instant, type LinkNews, type PersonId } from '@sallyport/core';
import { createLogger } from '@sallyport/platform';
import { aPolicy, seededChance } from '@sallyport/testkit/core';
import { makeLinkTeller } from './link-news.ts';

const chance = seededChance('link-news');

function newsOf(team: string): LinkNews {
  const account = { team, user: 'U01ALICE' };
  const person = 'alice@acme.test' as PersonId;
  return { kind: 'relinked', link: { id: chance.linkId(), account, person, linkedAt: instant(0) } };
}

test('news for a workspace the app is out of waits for its return; for one that is not ours it is done with', async () => {
  const [ours, foreign] = [newsOf('T01TEST'), newsOf('T02OTHER')];
  const told: LinkNews[] = [];
  let looks = 0;
  const seen = new Promise<void>((resolve) => {
    const teller = makeLinkTeller({
      links: {
        claimNews: async () => {
          looks += 1;
          if (looks > 1) resolve(teller.stop());
          return looks === 1 ? [ours, foreign] : [];
        },
        told: async (news) => void told.push(news),
      },
      workspaces: { of: () => undefined, allowed: () => new Set(['T01TEST']) },
      ready: () => true,
      policies: { inForce: () => aPolicy() },
      onTold: () => expect('nobody').toBe('told'),
      logger: createLogger({ name: 'test', level: 'error', destination: { write: () => undefined } }),
      everyMs: 1,
    });
    teller.start();
  });
  await seen;
  expect(told).toEqual([foreign]);
});
