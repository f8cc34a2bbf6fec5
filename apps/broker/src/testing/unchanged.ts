/** What bad input must not do: change anything but the trail, which gets exactly the rows named. */
import { expect } from '@jest/globals';
import type { BrokerHouse } from './broker-house.ts';
import type { Answer } from './callers.ts';

/**
 * Makes a call after which everything but the trail is as before: requests, grants, tokens, handles, devices, cards, keys once used.
 * `trail`: the reason codes of the rows of refused attempts it leaves, and no other row.
 */
export async function expectUnchanged(
  house: BrokerHouse,
  calling: () => Promise<Answer>,
  trail: readonly string[],
): Promise<Answer> {
  const [before, rows, lines] = [everythingIn(house), house.world.store.audit.length, house.logged.length];
  const answer = await calling();
  expect(answer.status).toBeLessThan(500);
  expect(everythingIn(house)).toEqual(before);
  const added = house.world.store.audit.slice(rows);
  expect(added.map(({ type, reasonCode }) => [type, reasonCode])).toEqual(
    trail.map((code) => ['attempt.refused', code]),
  );
  expect(house.logged.slice(lines).join('')).not.toMatch(/http\.(bug|outage)/);
  return answer;
}

function everythingIn({ world: { store } }: BrokerHouse): object {
  const { cases, tokens, revokedTokens, uses, onceKeys, handles, devices, outbox } = store;
  return {
    cases: [...cases],
    tokens: [...tokens.keys()],
    revokedTokens: [...revokedTokens],
    uses: [...uses.keys()],
    onceKeys: [...onceKeys.keys()],
    handles: [...handles],
    devices: [...devices.keys()],
    cards: outbox.length,
  };
}
