/** Owns the Home tabs that were opened: drawn from the ledger when opened and when something changes, at most every 2 s. */
import { type PersonId, person, type Reading } from '@sallyport/core';
import type { Logger } from '@sallyport/platform';
import { approvers } from '../views/approvals.ts';
import type { HomeView } from '../views/blocks.ts';
import { HOME_ITEMS_MAX, homeView, type Waiting } from '../views/home-view.ts';
import { type Drawn, phaseOf } from '../views/phase.ts';
import type { WebClient } from './clients.ts';
import { messageKey } from './message-key.ts';
import type { Places } from './places.ts';
import { toldOf } from './plan.ts';
import { slackFailure } from './slack-error.ts';
import type { SlackMessages } from './stores.ts';

export interface Homes {
  /** Somebody opened their Home: publishes it, and keeps it true from now on. */
  opened(user: string, id: PersonId): Promise<void>;
  /** A case changed: the open Homes of whoever it concerns follow, soon. */
  changed(drawn: Drawn): void;
  /** Shows this instead (a refusal), and follows it no more. */
  show(user: string, view: HomeView): Promise<void>;
  stop(): Promise<void>;
}

export interface HomesDeps {
  readonly client: WebClient;
  readonly reading: Reading;
  readonly messages: Pick<SlackMessages, 'ofRequest'>;
  readonly places: Places;
  readonly logger: Logger;
  readonly everyMs?: number;
}

interface Home {
  readonly user: string;
  readonly person: PersonId;
  hash: string | undefined;
  publishing: Promise<void>;
  timer: NodeJS.Timeout | undefined;
}

const EVERY_MS = 2_000;
const HOMES_MAX = 2_000;
const LOOKED_AT = 50;

/** Makes the Homes. */
export function makeHomes(deps: HomesDeps): Homes {
  const { everyMs = EVERY_MS } = deps;
  const homes = new Map<PersonId, Home>();

  /** One at a time for each person: an older drawing never overtakes a newer one. */
  function publish(home: Home): Promise<void> {
    clearTimeout(home.timer);
    home.timer = undefined;
    home.publishing = home.publishing.then(async () => {
      const view = await drawHome(deps, home.person);
      home.hash = await send(deps.client, home.user, view, home.hash);
    });
    const done = home.publishing;
    home.publishing = done.catch(() => undefined);
    return done;
  }

  function soon(home: Home): void {
    if (home.timer !== undefined) return;
    home.timer = setTimeout(() => {
      publish(home).catch((err: unknown) => deps.logger.warn('slack.home_failed', { person: home.person, err }));
    }, everyMs);
    home.timer.unref();
  }

  return {
    async opened(user, id) {
      const known = homes.get(id);
      const home =
        known?.user === user
          ? known
          : { user, person: id, hash: undefined, publishing: Promise.resolve(), timer: undefined };
      if (known === undefined && homes.size >= HOMES_MAX) homes.delete([...homes.keys()][0] ?? id);
      homes.set(id, home);
      await publish(home);
    },
    changed(drawn) {
      if (homes.size === 0) return;
      const concerned = new Set([...toldOf(drawn), ...approvers(drawn.at.policy, drawn.case.request)]);
      for (const home of homes.values()) if (concerned.has(home.person)) soon(home);
    },
    async show(user, view) {
      await send(deps.client, user, view, undefined);
    },
    async stop() {
      for (const home of homes.values()) clearTimeout(home.timer);
      await Promise.allSettled([...homes.values()].map((home) => home.publishing));
    },
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

/** Reads and draws one person's Home. */
async function drawHome({ reading, messages, places }: HomesDeps, id: PersonId): Promise<HomeView> {
  const me = person(id);
  const waitingFor = await reading.waitingFor(id);
  const { at } = waitingFor;
  const page = { limit: LOOKED_AT };
  const [granted, mine] = await Promise.all([
    reading.grants(me, at.policy, page),
    reading.requests(me, at.policy, page),
  ]);
  const drawn = (c: Drawn['case']): Drawn => ({ case: c, at });
  const waiting = await Promise.all(
    waitingFor.value.map(async (c, index): Promise<Waiting> => {
      const link = index < HOME_ITEMS_MAX ? await cardLink({ messages, places }, c) : undefined;
      return { drawn: drawn(c), ...(link === undefined ? {} : { cardUrl: link }) };
    }),
  );
  return homeView({
    person: id,
    at,
    waiting,
    active: granted.value.items.map(drawn).filter((one) => ['later', 'active'].includes(phaseOf(one))),
    pending: mine.value.items
      .map(drawn)
      .filter((one) => phaseOf(one) === 'pending' && one.case.request.requester.id === id),
  });
}

async function cardLink({ messages, places }: Pick<HomesDeps, 'messages' | 'places'>, { request }: Drawn['case']) {
  const rows = await messages.ofRequest(request.id);
  const card = rows.find((row) => row.key === messageKey({ kind: 'card', request: request.id }));
  return card?.channel === undefined || card.ts === undefined ? undefined : places.linkTo(card.channel, card.ts);
}
