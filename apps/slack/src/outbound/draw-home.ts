/** Owns reading one person's Home from the ledger: a page of each part, as it is now. */
import { decisionsInForce, type Ledger, type PersonId, person, type Reading } from '@sallyport/core';
import type { Accounts } from '../accounts.ts';
import type { HomePart } from '../action-ids.ts';
import type { HomeView } from '../views/blocks.ts';
import { type HomePage, homeView, pageOf, type Waiting } from '../views/home-view.ts';
import { type Drawn, phaseOf } from '../views/phase.ts';
import { type CardPlaces, standingCard } from './card-home.ts';
import type { Places } from './places.ts';
import type { SlackMessages } from './stores.ts';

export interface DrawHomeDeps {
  readonly reading: Reading;
  readonly ledger: Pick<Ledger, 'uses'>;
  readonly messages: Pick<SlackMessages, 'ofRequest'>;
  readonly places: CardPlaces & Pick<Places, 'linkTo'>;
  readonly accounts: Pick<Accounts, 'howLinked'>;
}

/** Which page of each part; absent: the first. */
export type HomePages = Readonly<Partial<Record<HomePart, number>>>;

const PAGE = 100;
/** So many pages are looked through for what is still open. */
const PAGES_MAX = 5;

/** Draws it. */
export async function drawHome(deps: DrawHomeDeps, id: PersonId, pages: HomePages): Promise<HomeView> {
  const { reading } = deps;
  const me = person(id);
  const { value: waitsFor, at } = await reading.waitingFor(id);
  const [granted, mine, decided] = await Promise.all([
    all((page) => reading.grants(me, at.policy, page)),
    all((page) => reading.requests(me, at.policy, page)),
    all((page) => reading.decidedBy(id, page)),
  ]);
  const drawn = (c: Drawn['case']): Drawn => ({ case: c, at });
  const active = pageOf(granted.map(drawn).filter(isOpen), pages.active ?? 0);
  const approved = decided.map(drawn).filter((one) => approvedBy(one, id));
  const linked = await deps.accounts.howLinked(at.policy, id);
  return homeView({
    person: id,
    ...(linked === undefined ? {} : { linked }),
    at,
    waiting: await mapPage(pageOf(waitsFor.map(drawn), pages.waiting ?? 0), (one) => withLink(deps, one)),
    active: await mapPage(active, (one) => withUse(deps, one)),
    pending: pageOf(
      mine.map(drawn).filter((one) => isMyPending(one, id)),
      pages.pending ?? 0,
    ),
    approved: pageOf(approved, pages.approved ?? 0),
  });
}

type Read = (page: { limit: number; cursor?: string }) => ReturnType<Reading['requests']>;

async function all(read: Read): Promise<readonly Drawn['case'][]> {
  const items: Drawn['case'][] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { value } = await read({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...value.items);
    cursor = value.nextCursor;
    if (cursor === undefined) break;
  }
  return items;
}

async function mapPage<T, U>(page: HomePage<T>, change: (item: T) => Promise<U>): Promise<HomePage<U>> {
  return { ...page, items: await Promise.all(page.items.map(change)) };
}

function isOpen(drawn: Drawn): boolean {
  return ['later', 'active'].includes(phaseOf(drawn));
}

function isMyPending(drawn: Drawn, id: PersonId): boolean {
  return phaseOf(drawn) === 'pending' && drawn.case.request.requester.id === id;
}

/** What this person approved and what still stands, or waits for others. */
function approvedBy(drawn: Drawn, id: PersonId): boolean {
  const own = decisionsInForce(drawn.case).some((one) => one.person === id && one.verdict === 'approve');
  return own && ['pending', 'later', 'active'].includes(phaseOf(drawn));
}

async function withUse({ ledger }: DrawHomeDeps, drawn: Drawn): Promise<Drawn> {
  const { grant } = drawn.case;
  return grant === undefined || phaseOf(drawn) !== 'active' ? drawn : { ...drawn, use: await ledger.uses(grant.id) };
}

async function withLink({ messages, places }: DrawHomeDeps, drawn: Drawn): Promise<Waiting> {
  const card = standingCard(await messages.ofRequest(drawn.case.request.id), drawn, places);
  const url = card === undefined ? undefined : places.linkTo(card.channel, card.ts);
  return { drawn, ...(url === undefined ? {} : { cardUrl: url }) };
}
