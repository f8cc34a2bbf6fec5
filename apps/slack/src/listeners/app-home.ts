/** The Home tab, when somebody opens it or turns a page. */
import { parsePage } from '../action-ids.ts';
import { type Desk, note } from '../desk.ts';
import { readClick, readHomeOpened } from '../payload.ts';
import { homeOfUnknown } from './connect.ts';
import { answering, type Heard } from './heard.ts';
import { personOrTell } from './who.ts';

/** Publishes the Home of whoever opened it; to somebody we cannot know, only why. An event is a hint: it may come twice. */
export async function homeOpened(desk: Desk, body: unknown): Promise<void> {
  const { actor, tab } = readHomeOpened(body);
  if (tab !== undefined && tab !== 'home') return;
  try {
    const who = await desk.identities.identify(actor, { live: false });
    if (who.ok) return await desk.homes.opened(actor.user, who.value.person);
    await note(desk, who.error, actor, { attempted: 'home' });
    await desk.homes.show(actor.user, homeOfUnknown(desk, who.error, actor));
  } catch (err) {
    desk.logger.warn('slack.home_failed', { user: actor.user, err });
  }
}

/** Another page of a part. Whose Home it is follows from who clicked. */
export async function showMore(desk: Desk, { body, ack, respond }: Heard): Promise<void> {
  await ack();
  const click = readClick(body);
  const wanted = parsePage(click.value);
  if (wanted === undefined) return;
  await answering(desk, { user: click.actor.user, respond }, async (speak) => {
    const id = await personOrTell(desk, click.actor, { live: false, attempted: 'home' }, speak);
    if (id !== undefined) await desk.homes.opened(click.actor.user, id, { [wanted.part]: wanted.page });
  });
}
