/** Ask a question, and Reply: the buttons that open the two forms. */
import { answerQuestion, askQuestion } from '@sallyport/core';
import { type Desk, note } from '../desk.ts';
import { readClick } from '../payload.ts';
import { answerFormView, askFormView } from '../views/question-views.ts';
import { SAY } from '../views/sentences.ts';
import { countedClick } from './clicked.ts';
import { openDecisionForm, openView } from './decider.ts';
import { answering, type Heard } from './heard.ts';
import { tellRefused } from './refused.ts';
import { personOrTell } from './who.ts';

/** Judged on a stand-in before the form opens: who may not ask hears so before they write. */
const TRIAL = '?';

/** Ask a question: the form, for those who may decide. How many there are already is judged on sending. */
export function askAbout(desk: Desk, heard: Heard): Promise<void> {
  return openDecisionForm(desk, heard, {
    attempted: 'ask',
    refusal: (_desk, who) => {
      const judged = askQuestion(who.case, [], { by: who.person, text: TRIAL }, who.at);
      return judged.ok ? undefined : judged.error;
    },
    view: askFormView,
  });
}

/** Reply: the form, for whoever asked for the access. */
export async function reply(desk: Desk, { body, ack, respond }: Heard): Promise<void> {
  await ack();
  const click = readClick(body);
  await answering(desk, { user: click.actor.user, respond }, async (speak) => {
    const counted = await countedClick(desk, click, 'answer', speak);
    if (counted === undefined) return;
    const { value, case: c, at } = counted;
    const requestId = c.request.id;
    const person = await personOrTell(desk, click.actor, { live: false, attempted: 'answer', requestId }, speak);
    if (person === undefined) return;
    const questions = await desk.questions.ofRequest(requestId);
    const number = value.kind === 'request' ? (value.question ?? 0) : 0;
    const judged = answerQuestion(c, questions, { by: person, text: TRIAL, number }, at);
    if (judged.ok) return openView(desk, click.triggerId, answerFormView({ case: c, at }, judged.value), speak);
    if (judged.error.code === 'replayed') return speak(SAY.answeredAlready);
    await note(desk, judged.error, click.actor, { attempted: 'answer', requestId, person });
    await tellRefused(desk, judged.error, { request: requestId, actor: click.actor }, speak);
  });
}
