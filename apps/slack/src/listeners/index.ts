/** Owns the one table of what is listened to. Bolt runs every listener that matches, so the catch-alls leave out what is known. */
import type { App } from '@slack/bolt';
import { ACTIONS, COMMAND, FIELDS, MESSAGE_SHORTCUT, SHORTCUT, VIEWS } from '../action-ids.ts';
import type { Desk } from '../desk.ts';
import { homeOpened, showMore } from './app-home.ts';
import { connect, unlink } from './connect.ts';
import { approve, approveLess, deny } from './decision-action.ts';
import { denySubmitted } from './deny-modal.ts';
import { details } from './details-action.ts';
import type { Heard } from './heard.ts';
import { lessSubmitted } from './less-modal.ts';
import { moreTime, moreTimeSubmitted } from './more-time.ts';
import { nudge } from './nudge.ts';
import { fillAgain, messageShortcut, openRequest, shortcut } from './open-request.ts';
import { askAbout, reply } from './question-action.ts';
import { answerSubmitted, questionSubmitted } from './question-modal.ts';
import { requestCommand } from './request-command.ts';
import { choiceMade, requestSubmitted } from './request-modal.ts';
import { resourceOptions } from './resource-options.ts';
import { cancel, revoke } from './revoke-action.ts';
import { nothingToDo, staleAction, staleView } from './stale-action.ts';
import type { Submitted } from './submitted.ts';
import { appRemoved, tokensRevoked, userChanged } from './workspace-events.ts';

/** Everything that can be pressed or chosen, and what answers it. */
export const actionListeners: Readonly<Record<string, (desk: Desk, heard: Heard) => Promise<void>>> = {
  [ACTIONS.approve]: approve,
  [ACTIONS.deny]: deny,
  [ACTIONS.less]: approveLess,
  [ACTIONS.ask]: askAbout,
  [ACTIONS.reply]: reply,
  [ACTIONS.revoke]: revoke,
  [ACTIONS.cancel]: cancel,
  [ACTIONS.details]: details,
  [ACTIONS.openRequest]: openRequest,
  [ACTIONS.again]: fillAgain,
  [ACTIONS.nudge]: nudge,
  [ACTIONS.moreTime]: moreTime,
  [ACTIONS.showMore]: showMore,
  [ACTIONS.connect]: connect,
  [ACTIONS.unlink]: unlink,
  [ACTIONS.openLink]: nothingToDo,
  [ACTIONS.openCard]: nothingToDo,
  [ACTIONS.openPage]: nothingToDo,
  [FIELDS.resource]: choiceMade,
  [FIELDS.role]: choiceMade,
  [FIELDS.subject]: choiceMade,
  // Fields without consequence for the others: Slack dispatches none of them.
  [FIELDS.duration]: nothingToDo,
  [FIELDS.justification]: nothingToDo,
  [FIELDS.ticket]: nothingToDo,
  [FIELDS.reason]: nothingToDo,
  [FIELDS.starts]: nothingToDo,
  [FIELDS.text]: nothingToDo,
};

/** Every form, and what answers it. */
export const viewListeners: Readonly<Record<string, (desk: Desk, sent: Submitted) => Promise<void>>> = {
  [VIEWS.request]: requestSubmitted,
  [VIEWS.deny]: denySubmitted,
  [VIEWS.less]: lessSubmitted,
  [VIEWS.ask]: questionSubmitted,
  [VIEWS.answer]: answerSubmitted,
  [VIEWS.moreTime]: moreTimeSubmitted,
};

/** Every event subscribed to; Bolt has acknowledged before. */
export const eventListeners: Readonly<Record<string, (desk: Desk, body: unknown) => Promise<void>>> = {
  app_home_opened: homeOpened,
  app_uninstalled: appRemoved,
  tokens_revoked: tokensRevoked,
  user_change: userChanged,
};

/** Matches whatever is not one of these. */
export function allBut(known: readonly string[]): RegExp {
  return new RegExp(`^(?!(?:${known.join('|')})$)`);
}

/** Whose desk a delivery comes to, by the team Bolt found it to be for. */
export interface Desks {
  /** There is always one to answer a person, if only with a no. */
  forPeople(team: string | undefined): Desk | undefined;
  /** News of a workspace concerns that one alone. */
  forEvents(team: string | undefined): Desk | undefined;
}

/** Registers everything. Does not know which receiver delivers. */
export function register(app: App, desks: Desks): void {
  const deskFor = ({ teamId }: { readonly teamId?: string }): Desk => {
    const desk = desks.forPeople(teamId);
    if (desk === undefined) throw new Error('the app is installed in no workspace');
    return desk;
  };
  app.command(COMMAND, ({ body, ack, respond, context }) =>
    requestCommand(deskFor(context), { body, ack: () => ack(), respond }),
  );
  app.shortcut(SHORTCUT, ({ body, ack, context }) =>
    shortcut(deskFor(context), { body, ack: () => ack(), respond: undefined }),
  );
  app.shortcut(MESSAGE_SHORTCUT, (given) =>
    messageShortcut(deskFor(given.context), {
      body: given.body,
      ack: () => given.ack(),
      respond: 'respond' in given ? given.respond : undefined,
    }),
  );
  app.options(FIELDS.resource, ({ body, ack, context }) =>
    resourceOptions(deskFor(context), { body, ack: (answer) => ack(answer) }),
  );
  for (const [id, listener] of Object.entries(actionListeners)) {
    app.action(id, ({ body, ack, respond, context }) =>
      listener(deskFor(context), { body, ack: () => ack(), respond }),
    );
  }
  app.action(allBut(Object.keys(actionListeners)), ({ body, ack, respond, context }) =>
    staleAction(deskFor(context), { body, ack: () => ack(), respond }),
  );
  for (const [id, listener] of Object.entries(viewListeners)) {
    app.view({ callback_id: id, type: 'view_submission' }, ({ body, ack, context }) =>
      listener(deskFor(context), { body, ack: (response) => (response === undefined ? ack() : ack(response)) }),
    );
  }
  app.view({ callback_id: allBut(Object.keys(viewListeners)), type: 'view_submission' }, ({ body, ack, context }) =>
    staleView(deskFor(context), { body, ack: (response) => (response === undefined ? ack() : ack(response)) }),
  );
  app.view({ callback_id: /^/, type: 'view_closed' }, ({ ack }) => ack());
  for (const [type, listener] of Object.entries(eventListeners)) {
    app.event(type, async ({ body, context }) => {
      const desk = desks.forEvents(context.teamId);
      if (desk !== undefined) await listener(desk, body);
    });
  }
}
