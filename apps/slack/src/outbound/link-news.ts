/** Owns telling accounts by direct message that they were linked, or that their link gave way: what the page wrote down, read every 2 s. */
import { type Instant, instant, type LinkNews, type Policies, type SlackLinks } from '@sallyport/core';
import type { Logger } from '@sallyport/platform';
import type { Button } from '../views/blocks.ts';
import { linkedMessage, relinkedMessage, unlinkButton } from '../views/link-views.ts';
import { personName } from '../views/names.ts';
import type { Workspace } from '../workspace.ts';
import type { Workspaces } from '../workspaces.ts';
import { said } from './message.ts';
import { slackFailure } from './slack-error.ts';

export interface LinkNewsDeps {
  readonly links: Pick<SlackLinks, 'claimNews' | 'told'>;
  readonly workspaces: Pick<Workspaces, 'of' | 'allowed'>;
  /** Whether any of them takes messages now. */
  readonly ready: () => boolean;
  readonly policies: Policies;
  /** It was said in this workspace: what the account is shown follows. */
  readonly onTold: (news: LinkNews, workspace: Workspace) => void;
  readonly logger: Logger;
  readonly everyMs?: number;
  readonly now?: () => Instant;
}

export interface LinkTeller {
  start(): void;
  stop(): Promise<void>;
}

const EVERY_MS = 2_000;
const AT_ONCE_MAX = 20;

/** Makes it. A message whose answer was lost is said again: better twice than not at all, when somebody else linked the account. */
export function makeLinkTeller(deps: LinkNewsDeps): LinkTeller {
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let stopped = false;

  async function look(): Promise<void> {
    try {
      if (!deps.ready()) return;
      for (const news of await deps.links.claimNews(AT_ONCE_MAX)) await bring(deps, news);
    } catch (err) {
      deps.logger.warn('slack.link_news_failed', { err });
    }
  }

  function again(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      looking = look().finally(again);
    }, deps.everyMs ?? EVERY_MS);
    timer.unref();
  }

  return {
    start: () => {
      looking = look().finally(again);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}

async function bring(deps: LinkNewsDeps, news: LinkNews): Promise<void> {
  const { team } = news.link.account;
  // To a team that is not ours it can never be said.
  if (!deps.workspaces.allowed().has(team)) return deps.links.told(news);
  // Where the app is not installed now it waits: "not you?" is nothing to lose.
  const workspace = deps.workspaces.of(team);
  if (workspace === undefined || !(await tell(deps, workspace, news))) return;
  await deps.links.told(news);
  deps.onTold(news, workspace);
}

/** True: it was said, or never can be. */
async function tell(deps: LinkNewsDeps, workspace: Workspace, { link, kind }: LinkNews): Promise<boolean> {
  const { connection, clients, places } = workspace;
  if (!connection.ready()) return false;
  const { user } = link.account;
  const name = personName(deps.policies.inForce(), link.person);
  const buttons: readonly Button[] = kind === 'linked' ? [unlinkButton(link.id)] : [];
  const sentence = kind === 'linked' ? linkedMessage(name) : relinkedMessage(name);
  try {
    const channel = await places.directMessage(user);
    await clients.background.chat.postMessage({ channel, ...said(sentence, (deps.now ?? clock)(), buttons) });
    return true;
  } catch (thrown) {
    const failure = slackFailure(thrown);
    if (failure.kind === 'dead_token') connection.lost(failure.code);
    deps.logger.warn('slack.link_news_untold', { user, code: failure.kind });
    return failure.kind === 'refused';
  }
}

function clock(): Instant {
  return instant(Date.now());
}
