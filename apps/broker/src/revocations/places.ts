/** How many may follow the feed at once: so many in all, and so many of one client. */

export interface FollowerPlaces {
  /** Takes a place, or none is left. What is returned gives it back; again: nothing. */
  take(client: string): (() => void) | undefined;
}

const IN_ALL_MAX = 500;
const OF_CLIENT_MAX = 10;

/** The places of one process. */
export function makeFollowerPlaces(): FollowerPlaces {
  const taken = new Map<string, number>();
  let inAll = 0;
  return {
    take(client) {
      const mine = taken.get(client) ?? 0;
      if (inAll >= IN_ALL_MAX || mine >= OF_CLIENT_MAX) return undefined;
      inAll += 1;
      taken.set(client, mine + 1);
      let isMine = true;
      return () => {
        if (!isMine) return;
        isMine = false;
        inAll -= 1;
        const left = (taken.get(client) ?? 1) - 1;
        if (left === 0) taken.delete(client);
        else taken.set(client, left);
      };
    },
  };
}
