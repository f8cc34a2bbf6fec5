/** What happens when a person submits or closes a modal, and what the app may answer to it. */
import { notSent, outcomeOf } from './delivery.ts';
import type { SubmitHow } from './face.ts';
import { checkModal, isRecord } from './limits.ts';
import { elementsOf } from './locate.ts';
import { chosenIn, keep } from './modals.ts';
import type { ModalView, Outcome, User } from './model.ts';
import type { Parts } from './parts.ts';
import { viewClosed, viewSubmission } from './payloads.ts';
import { userOf } from './store.ts';
import { clientComplaint } from './values.ts';

const TROUBLE = 'We had some trouble connecting. Try again?';

/** Fills, checks as Slack's client does, submits, and follows the answer. */
export async function submit(
  parts: Parts,
  userId: string,
  values: Record<string, string | null>,
  how: SubmitHow,
): Promise<Outcome> {
  const user = userOf(parts.store, userId);
  const view = viewToSubmit(parts, user, how);
  if (!view)
    return notSent(how.view_id ? `There is no open view ${how.view_id} of this person.` : 'There is no open modal.');
  const wrong = await fill(parts, user, view, values, how.force ?? false);
  if (wrong) return notSent(wrong);
  const filled = parts.views.find(view.id)?.view ?? view;
  const complaints = how.force ? {} : clientComplaints(filled);
  if (filled.submit_disabled && !how.force) return notSent('The submit button is disabled.');
  if (Object.keys(complaints).length > 0) {
    parts.views.put({ ...filled, errors: complaints });
    return notSent(
      Object.entries(complaints)
        .map(([block, why]) => `${block}: ${why}`)
        .join(' '),
    );
  }
  return send(parts, user, filled);
}

async function send(parts: Parts, user: User, view: ModalView): Promise<Outcome> {
  parts.views.put({ ...view, errors: {}, trouble: null, busy: true });
  const triggerId = parts.triggers.issue(user.id);
  const payload = viewSubmission(parts.store, { user, view, triggerId });
  const answer = await parts.courier.send({ kind: 'view_submission', payload });
  const found = parts.views.find(view.id);
  if (found?.open) parts.views.put({ ...found.view, busy: false });
  const trouble = answer.error ? TROUBLE : follow(parts, view, answer.body);
  const now = parts.views.find(view.id);
  if (trouble && now?.open) parts.views.put({ ...now.view, trouble });
  return outcomeOf(answer, trouble);
}

/** Does what the answer says. Returns what the person sees if it makes no sense. */
function follow(parts: Parts, view: ModalView, body: unknown): string | null {
  if (body === null) {
    parts.views.close(view, false);
    return null;
  }
  if (!isRecord(body)) return refused(parts, `the answer is no response_action: ${String(body).slice(0, 100)}`);
  switch (body.response_action) {
    case 'clear':
      parts.views.close(view, true);
      return null;
    case 'errors':
      return showErrors(parts, view, body.errors);
    case 'update':
    case 'push':
      return nextView(parts, view, body.response_action, body.view);
    default:
      return refused(parts, `response_action ${String(body.response_action)}`);
  }
}

function refused(parts: Parts, detail: string): string {
  parts.store.violate('invalid_view', 'view_submission', detail);
  return TROUBLE;
}

/** Each error must name an input block of the view: otherwise Slack shows none of them. */
function showErrors(parts: Parts, view: ModalView, errors: unknown): string | null {
  const now = parts.views.find(view.id)?.view ?? view;
  const inputs = new Set(now.blocks.filter((b) => b.type === 'input').map((b) => b.block_id));
  const entries = isRecord(errors) ? Object.entries(errors) : [];
  const unknown = entries.filter(([block, text]) => !inputs.has(block) || typeof text !== 'string');
  if (entries.length === 0 || unknown.length > 0) {
    const names = unknown.map(([block]) => block).join(', ') || 'no errors given';
    parts.store.violate('errors_unknown_block', 'view_submission', names);
    return TROUBLE;
  }
  const shown = Object.fromEntries(entries.map(([block, text]) => [block, String(text)]));
  if (parts.views.find(view.id)?.open) parts.views.put({ ...now, errors: shown });
  return null;
}

function nextView(parts: Parts, view: ModalView, how: 'update' | 'push', given: unknown): string | null {
  const checked = checkModal(given);
  if (!checked.ok) {
    const kind = checked.unsupported ? 'not_supported' : 'invalid_view';
    parts.store.violate(kind, `response_action ${how}`, checked.messages.join('; '));
    return TROUBLE;
  }
  const done =
    how === 'push'
      ? parts.views.push(view.user, checked.value)
      : parts.views.update({ view_id: view.id }, undefined, checked.value);
  return done.ok ? null : TROUBLE;
}

/** Types each value into its block; a sentence for the first that cannot be. */
async function fill(
  parts: Parts,
  user: User,
  view: ModalView,
  values: Record<string, string | null>,
  force: boolean,
): Promise<string | undefined> {
  for (const [block, value] of Object.entries(values)) {
    const at = elementsOf(view.blocks).find((e) => e.block_id === block);
    if (!at) return `There is no field ${block} in this modal.`;
    const found = { view, at };
    const chosen = await chosenIn(parts, user, found, value, force);
    if ('why' in chosen) return `${block}: ${chosen.why}`;
    if (chosen.kind !== 'state') return `${block} cannot be filled.`;
    keep(parts, found, chosen);
  }
  return undefined;
}

function clientComplaints(view: ModalView): Record<string, string> {
  const complaints: Record<string, string> = {};
  for (const at of elementsOf(view.blocks)) {
    const why = clientComplaint(at, view.values[at.block_id]?.[at.element.action_id ?? '']);
    if (why) complaints[at.block_id] = why;
  }
  return complaints;
}

function viewToSubmit(parts: Parts, user: User, how: SubmitHow): ModalView | undefined {
  if (how.view_id === undefined) return parts.views.top(user.id);
  const found = parts.views.find(how.view_id);
  if (how.force) return found?.view;
  return found?.open && found.view.user === user.id ? found.view : undefined;
}

/** Closes the top modal (or all); the app hears of it where the view asked for that. */
export async function closeTop(parts: Parts, userId: string, all: boolean): Promise<Outcome> {
  const user = userOf(parts.store, userId);
  const top = parts.views.top(user.id);
  if (!top) return notSent('There is no open modal.');
  const cleared = all || top.clear_on_close;
  const gone = parts.views.close(top, cleared);
  const telling = gone.filter((view) => view.notify_on_close);
  const answers = await Promise.all(
    telling.map((view) =>
      parts.courier.send({ kind: 'view_closed', payload: viewClosed(parts.store, { user, view, cleared }) }),
    ),
  );
  const answer = answers.at(-1);
  return answer ? outcomeOf(answer, null) : notSent(null);
}
