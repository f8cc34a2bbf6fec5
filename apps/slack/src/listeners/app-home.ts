/** The Home tab, when somebody opens it. */
import { instant } from '@sallyport/core';
import { type Desk, note } from '../desk.ts';
import { readHomeOpened } from '../payload.ts';
import { strangerHome } from '../views/home-view.ts';
import { sentenceFor } from '../views/sentences.ts';

/** Publishes the Home of whoever opened it; to somebody we cannot know, only why. An event is a hint: it may come twice. */
export async function homeOpened(desk: Desk, body: unknown): Promise<void> {
  const { actor, tab } = readHomeOpened(body);
  if (tab !== undefined && tab !== 'home') return;
  try {
    const who = await desk.identities.identify(actor, { live: false });
    if (who.ok) return await desk.homes.opened(actor.user, who.value.person);
    await note(desk, who.error, actor, { attempted: 'home' });
    const sentence = sentenceFor(who.error, { account: actor });
    await desk.homes.show(actor.user, strangerHome(sentence, instant(Date.now())));
  } catch (err) {
    desk.logger.warn('slack.home_failed', { user: actor.user, err });
  }
}
