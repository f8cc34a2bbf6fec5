/** Owns the Home tabs that were opened: drawn from the ledger when opened and when something changes, at most every 2 s. */
import { instant, type PersonId, type Policies } from '@sallyport/core';
import type { Logger } from '@sallyport/platform';
import type { Accounts } from '../accounts.ts';
import { approvers } from '../views/approvals.ts';
import type { HomeView } from '../views/blocks.ts';
import { strangerHome } from '../views/home-view.ts';
import { LINK_SAY } from '../views/link-views.ts';
import type { Drawn } from '../views/phase.ts';
import type { WebClient } from './clients.ts';
import { type DrawHomeDeps, drawHome, type HomePages } from './draw-home.ts';
import { slackFailure } from './slack-error.ts';
import { toldOf } from './told.ts';

export interface Homes {
  /** Somebody opened their Home, or wants another page of a part: publishes it, and keeps it true from now on. */
  opened(user: string, id: PersonId, pages?: HomePages): Promise<void>;
  /** A case changed: the open Homes of whoever it concerns follow, soon. */
  changed(drawn: Drawn): void;
  /** This account's links changed: its Home follows, or shows no more of whoever it was. */
  recheck(user: string): void;
  /** Shows this instead (a refusal). */
  show(user: string, view: HomeView): Promise<void>;
  /** This account is nobody's any more: its Home shows this from now on, if it was ever opened. */
  forget(user: string, view: HomeView): Promise<void>;
  stop(): Promise<void>;
}

export interface HomesDeps extends DrawHomeDeps {
  readonly client: WebClient;
  readonly accounts: Pick<Accounts, 'of' | 'howLinked'>;
  readonly policies: Policies;
  readonly logger: Logger;
  readonly everyMs?: number;
}

interface Home {
  readonly user: string;
  readonly person: PersonId;
  pages: HomePages;
  hash: string | undefined;
  /** When it was published last, by a clock that only goes forward. */
  publishedMs: number;
  publishing: Promise<void>;
  timer: NodeJS.Timeout | undefined;
}

const EVERY_MS = 2_000;
const HOMES_MAX = 2_000;

/** Makes the Homes. */
export function makeHomes(deps: HomesDeps): Homes {
  const { everyMs = EVERY_MS } = deps;
  const homes = new Map<PersonId, Home>();

  /** One at a time for each person: an older drawing never overtakes a newer one. */
  function publish(home: Home): Promise<void> {
    clearTimeout(home.timer);
    home.timer = undefined;
    home.publishing = home.publishing.then(async () => {
      if (homes.get(home.person) !== home) return;
      home.publishedMs = performance.now();
      const theirs = await isTheirs(deps, home);
      if (!theirs) drop(home.person, home);
      const view = theirs ? await drawHome(deps, home.person, home.pages) : changedHome();
      home.hash = await send(deps.client, home.user, view, home.hash);
    });
    const done = home.publishing;
    home.publishing = done.catch(() => undefined);
    return done;
  }

  function drop(id: PersonId, home: Home): void {
    clearTimeout(home.timer);
    homes.delete(id);
  }

  function later(home: Home, ms: number): void {
    if (home.timer !== undefined) return;
    home.timer = setTimeout(() => {
      publish(home).catch((err: unknown) => deps.logger.warn('slack.home_failed', { person: home.person, err }));
    }, ms);
    home.timer.unref();
  }

  /** Now, or as soon as its pause is over. */
  async function publishPaced(home: Home): Promise<void> {
    const waitMs = home.publishedMs + everyMs - performance.now();
    if (waitMs > 0) later(home, waitMs);
    else await publish(home);
  }

  return {
    async opened(user, id, pages) {
      const known = homes.get(id);
      const home = known?.user === user ? known : newHome(user, id);
      home.pages = pages === undefined ? {} : { ...home.pages, ...pages };
      if (known === undefined && homes.size >= HOMES_MAX) homes.delete([...homes.keys()][0] ?? id);
      homes.set(id, home);
      await publishPaced(home);
    },
    changed(drawn) {
      if (homes.size === 0) return;
      const concerned = new Set([...toldOf(drawn), ...approvers(drawn.at, drawn.case.request)]);
      for (const home of homes.values()) if (concerned.has(home.person)) later(home, everyMs);
    },
    recheck(user) {
      for (const home of homes.values()) if (home.user === user) later(home, 0);
    },
    async show(user, view) {
      await send(deps.client, user, view, undefined);
    },
    async forget(user, view) {
      const gone = [...homes].filter(([, home]) => home.user === user);
      for (const [id, home] of gone) drop(id, home);
      for (const [, home] of gone) await home.publishing;
      if (gone.length > 0) await send(deps.client, user, view, undefined);
    },
    async stop() {
      for (const home of homes.values()) clearTimeout(home.timer);
      await Promise.allSettled([...homes.values()].map((home) => home.publishing));
    },
  };
}

/** A link may have ended since it was opened: nothing of a person is shown to an account that is not theirs any more. */
async function isTheirs({ accounts, policies }: HomesDeps, { person, user }: Home): Promise<boolean> {
  return (await accounts.of(policies.inForce(), [person])).get(person)?.user === user;
}

function changedHome(): HomeView {
  return strangerHome(LINK_SAY.changed, instant(Date.now()));
}

function newHome(user: string, id: PersonId): Home {
  return {
    user,
    person: id,
    pages: {},
    hash: undefined,
    publishedMs: Number.NEGATIVE_INFINITY,
    publishing: Promise.resolve(),
    timer: undefined,
  };
}

/** Publishes; when somebody else did so meanwhile, once more without asking. Returns the new hash, if Slack tells one. */
async function send(
  client: WebClient,
  user: string,
  view: HomeView,
  hash: string | undefined,
): Promise<string | undefined> {
  const publish = (expected: string | undefined) =>
    client.views.publish({ user_id: user, view, ...(expected === undefined ? {} : { hash: expected }) });
  try {
    return (await publish(hash)).view?.hash;
  } catch (thrown) {
    const failure = slackFailure(thrown);
    if (hash === undefined || failure.kind !== 'refused' || failure.code !== 'hash_conflict') throw thrown;
    return (await publish(undefined)).view?.hash;
  }
}
