/** Nudge: the requester asks the approvers again, at most once in 15 minutes. */

import { requestStateAt } from '@sallyport/core';
import { type Desk, note } from '../desk.ts';
import { readClick } from '../payload.ts';
import { NUDGED, nudgedBefore } from '../views/form-words.ts';
import { SAY } from '../views/sentences.ts';
import { countedClick } from './clicked.ts';
import { answering, type Heard } from './heard.ts';
import { personOrTell } from './who.ts';

/** Counts the nudge; the messages follow from it, each once. By whoever asked, while it is pending. */
export async function nudge(desk: Desk, { body, ack, respond }: Heard): Promise<void> {
  const click = readClick(body);
  await answering(desk, { user: click.actor.user, respond, ack }, async (speak) => {
    const counted = await countedClick(desk, click, 'nudge', speak);
    if (counted === undefined) return;
    const { request } = counted.case;
    const about = { attempted: 'nudge', requestId: request.id };
    const who = await personOrTell(desk, click.actor, { live: false, ...about }, speak);
    if (who === undefined) return;
    if (request.requester.kind !== 'person' || request.requester.id !== who) {
      await note(desk, { code: 'request_unknown' }, click.actor, { ...about, person: who });
      return speak(SAY.cantNudge);
    }
    if (requestStateAt(request, counted.at.now) !== 'pending') {
      desk.redraw(request.id, { force: true });
      return speak(SAY.outOfDate);
    }
    const done = await desk.nudges.nudge(request.id);
    if (!done.nudged) return speak(nudgedBefore(done.againAt));
    desk.redraw(request.id, { force: false });
    await speak(NUDGED);
  });
}
