/** Details: the whole text of a request, for those who may read it. */
import { mayRead, person } from '@sallyport/core';
import { type Desk, note } from '../desk.ts';
import { withHistory } from '../outbound/history.ts';
import { readClick } from '../payload.ts';
import { detailsView } from '../views/details-view.ts';
import { SAY } from '../views/sentences.ts';
import { countedClick } from './clicked.ts';
import { openView } from './decider.ts';
import { answering, type Heard } from './heard.ts';
import { personOrTell } from './who.ts';

/** Opens the modal. */
export async function details(desk: Desk, { body, ack, respond }: Heard): Promise<void> {
  await ack();
  const click = readClick(body);
  await answering(desk, { user: click.actor.user, respond }, async (speak) => {
    const counted = await countedClick(desk, click, 'read', speak);
    if (counted === undefined) return;
    const { id } = counted.case.request;
    const who = await personOrTell(desk, click.actor, { live: false, attempted: 'read', requestId: id }, speak);
    if (who === undefined) return;
    if (!mayRead(counted.at, counted.case, person(who))) {
      await note(desk, { code: 'request_unknown' }, click.actor, { attempted: 'read', requestId: id, person: who });
      return speak(SAY.cantSee);
    }
    const questions = await desk.questions.ofRequest(id);
    const drawn = await withHistory({ case: counted.case, at: counted.at, questions }, desk);
    const pageUrl = desk.pageOf(counted.at.policy, id);
    const view = detailsView(pageUrl === undefined ? drawn : { ...drawn, pageUrl });
    await openView(desk, click.triggerId, view, speak);
  });
}
