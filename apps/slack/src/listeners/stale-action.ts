/** The catch-all: a button or form of another version of this program. Acknowledged, said so, redrawn. */
import type { Desk } from '../desk.ts';
import { readClick, readSubmission } from '../payload.ts';
import { noteView } from '../views/note-view.ts';
import { SAY } from '../views/sentences.ts';
import { requestAt } from './clicked.ts';
import { answering, type Heard } from './heard.ts';
import type { Submitted } from './submitted.ts';

/** A button we do not know. */
export async function staleAction(desk: Desk, { body, ack, respond }: Heard): Promise<void> {
  await ack();
  const click = readClick(body);
  await answering(desk, { user: click.actor.user, respond }, async (speak) => {
    const request = await requestAt(desk, click.place);
    if (request !== undefined) desk.redraw(request, { force: true });
    await speak(SAY.outOfDate);
  });
}

/** A link button clicks too, and a field may: acknowledged, nothing to do. */
export async function nothingToDo(_desk: Desk, { ack }: Heard): Promise<void> {
  await ack();
}

/** A form we do not know. */
export async function staleView(_desk: Desk, { body, ack }: Submitted): Promise<void> {
  readSubmission(body);
  await ack({ response_action: 'update', view: noteView(SAY.formOutOfDate) });
}
