/** End now, and Cancel request: less access, so less proof is needed when Slack cannot be asked. */
import { type PersonId, person, type Refusal, type RequestId } from '@sallyport/core';
import { attribution, clickOnce, type Desk } from '../desk.ts';
import { readClick, type SeenClick } from '../payload.ts';
import type { Speak } from '../speak.ts';
import { riskOf } from '../views/names.ts';
import { noteView } from '../views/note-view.ts';
import type { Sentence } from '../views/sentence.ts';
import { SAY } from '../views/sentences.ts';
import { type Counted, countedClick } from './clicked.ts';
import { answering, type Heard } from './heard.ts';
import { tellRefused } from './refused.ts';
import { personOrTell } from './who.ts';

/** End now: by the requester, the subject's owners, whoever may decide it. */
export async function revoke(desk: Desk, heard: Heard): Promise<void> {
  const click = readClick(heard.body);
  await answering(desk, { user: click.actor.user, respond: heard.respond, ack: heard.ack }, async (speak) => {
    const who = await enderOf(desk, click, 'revoke', speak);
    if (who === undefined) return;
    const { request } = who.case;
    const which = who.value.kind === 'grant' ? { grant: who.value.grant } : { request: request.id };
    const by = attribution(click.actor, who.person);
    const ended = await desk.revokeGrant(which, person(who.person), by, clickOnce(click));
    if (!ended.ok) return sayNo(desk, ended.error, { request: request.id, click }, SAY.cantEnd, speak);
    if (ended.value.changed) desk.metrics.revocationsTotal.inc();
    await follow(desk, click, who.person, request.id, SAY.ended);
  });
}

/** Cancel request: by whoever asked. */
export async function cancel(desk: Desk, heard: Heard): Promise<void> {
  const click = readClick(heard.body);
  await answering(desk, { user: click.actor.user, respond: heard.respond, ack: heard.ack }, async (speak) => {
    const who = await enderOf(desk, click, 'cancel', speak);
    if (who === undefined) return;
    const { request } = who.case;
    const by = attribution(click.actor, who.person);
    const canceled = await desk.cancelRequest(request.id, person(who.person), by, clickOnce(click));
    if (!canceled.ok) return sayNo(desk, canceled.error, { request: request.id, click }, SAY.cantCancel, speak);
    await follow(desk, click, who.person, request.id, SAY.canceled);
  });
}

async function enderOf(
  desk: Desk,
  click: SeenClick,
  attempted: string,
  speak: Speak,
): Promise<(Counted & { readonly person: PersonId }) | undefined> {
  const counted = await countedClick(desk, click, attempted, speak);
  if (counted === undefined) return undefined;
  const { request } = counted.case;
  const live = riskOf(counted.at.policy, request.access.resource) === 'high';
  const how = { live, lenient: true, attempted, requestId: request.id };
  const id = await personOrTell(desk, click.actor, how, speak);
  return id === undefined ? undefined : { ...counted, person: id };
}

/** Whoever sees the button knows that the request exists: "not yours" is said as such. */
async function sayNo(
  desk: Desk,
  refusal: Refusal,
  about: { readonly request: RequestId; readonly click: SeenClick },
  notYours: Sentence,
  speak: Speak,
): Promise<void> {
  if (refusal.code === 'request_unknown') return speak(notYours);
  await tellRefused(desk, refusal, { request: about.request, actor: about.click.actor }, speak);
}

/** Messages are redrawn behind; a modal or the Home is where the person looks now. */
async function follow(
  desk: Desk,
  { place, actor }: SeenClick,
  id: PersonId,
  request: RequestId,
  done: Sentence,
): Promise<void> {
  desk.redraw(request, { force: false });
  if (place.in !== 'view') return;
  try {
    if (place.view.type === 'home') await desk.homes.opened(actor.user, id);
    else if (place.view.id !== undefined) {
      await desk.client.views.update({ view_id: place.view.id, view: noteView(done) });
    }
  } catch (err) {
    desk.logger.warn('slack.view_not_followed', { err });
  }
}
