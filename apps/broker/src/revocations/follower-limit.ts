/** How many may follow the feed at once: so many in all, and so many of one client. */

export interface FollowerLimit {
  /** Counts one in, unless there are too many. What is returned counts it out; again: nothing. */
  enter(client: string): (() => void) | undefined;
}

const IN_ALL_MAX = 500;
const OF_CLIENT_MAX = 10;

/** The limit of one process. */
export function makeFollowerLimit(): FollowerLimit {
  const inside = new Map<string, number>();
  let inAll = 0;

  function countOut(client: string): void {
    inAll -= 1;
    const left = (inside.get(client) ?? 1) - 1;
    if (left === 0) inside.delete(client);
    else inside.set(client, left);
  }

  return {
    enter(client) {
      const ofClient = inside.get(client) ?? 0;
      if (inAll >= IN_ALL_MAX || ofClient >= OF_CLIENT_MAX) return undefined;
      inAll += 1;
      inside.set(client, ofClient + 1);
      let isInside = true;
      return () => {
        if (isInside) countOut(client);
        isInside = false;
      };
    },
  };
}
