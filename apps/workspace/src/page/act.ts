/** Owns what the browser may ask for on somebody's behalf: parses it and plays it on the engine. */
import type { Outcome, PersonView, SlackEngine } from '@sallyport/testkit/slack';
import { z } from 'zod';
import { type ChoiceView, choice } from '../view/elements.ts';

const id = z.string().min(1).max(255);
const text = z.string().max(12_000);
const as = { as: id };
const control = { block_id: z.string().max(255), action_id: z.string().max(255) };
const onView = { surface: z.enum(['modal', 'home']), view_id: id, ...control };

const actSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('say'), ...as, channel: id, text: text.min(1) }),
  z.strictObject({ do: z.literal('press'), ...as, channel: id, ts: id, ...control, value: text.optional() }),
  z.strictObject({ do: z.literal('choose'), ...as, ...onView, value: text.nullable().optional() }),
  z.strictObject({ do: z.literal('suggest'), ...as, ...onView, query: z.string().max(300) }),
  z.strictObject({ do: z.literal('submit'), ...as, view_id: id, values: z.record(id, text.nullable()) }),
  z.strictObject({ do: z.literal('close'), ...as, all: z.boolean() }),
  z.strictObject({ do: z.literal('home'), ...as }),
  z.strictObject({ do: z.literal('shortcut'), ...as, callback_id: id }),
  z.strictObject({ do: z.literal('message-shortcut'), ...as, callback_id: id, channel: id, ts: id }),
  z.strictObject({ do: z.literal('dismiss'), ...as, notice: id.optional(), ephemeral: id.optional() }),
]);

export type Act = z.infer<typeof actSchema>;

/** What the browser hears back. */
export interface ActAnswer {
  /** What went wrong, in words for the person; empty when all is well. */
  trouble: string;
  /** Milliseconds until the app answered; null when nothing was sent or no answer came. */
  ackMs: number | null;
  isLate: boolean;
  /** Only for `suggest`. */
  choices?: ChoiceView[];
}

/** The act if the value is one, else undefined. */
export function parseAct(value: unknown): Act | undefined {
  return actSchema.safeParse(value).data;
}

/** Plays the act. Throws where the engine does (an unknown id). Trouble the page shows anyway is not told twice. */
export async function play(engine: SlackEngine, act: Act): Promise<ActAnswer> {
  const answered = await playOn(engine, act);
  return isShown(engine.seenBy(act.as), act, answered.trouble) ? { ...answered, trouble: '' } : answered;
}

async function playOn(engine: SlackEngine, act: Act): Promise<ActAnswer> {
  switch (act.do) {
    case 'say':
      return answer(await engine.typeCommand(act.as, act.channel, act.text));
    case 'press':
      return answer(await engine.click(act.as, { ...pressed(act), channel: act.channel, ts: act.ts }));
    case 'choose':
      return answer(await engine.viewAction(act.as, { ...onViewOf(act), ...chosenOf(act.value) }));
    case 'suggest': {
      const offered = await engine.suggest(act.as, { ...onViewOf(act), query: act.query });
      return { ...answer(offered), choices: offered.options.map(choice) };
    }
    case 'submit':
      return answer(await engine.submitView(act.as, act.values, { view_id: act.view_id }));
    case 'close':
      return answer(await engine.closeView(act.as, { all: act.all }));
    case 'home':
      return answer(await engine.openHome(act.as));
    case 'shortcut':
      return answer(await engine.shortcut(act.as, act.callback_id));
    case 'message-shortcut': {
      const { callback_id, channel, ts } = act;
      return answer(await engine.messageShortcut(act.as, { callback_id, channel, ts }));
    }
    case 'dismiss':
      engine.dismiss(act.as, {
        ...(act.notice === undefined ? {} : { notice: act.notice }),
        ...(act.ephemeral === undefined ? {} : { ephemeral: act.ephemeral }),
      });
      return { trouble: '', ackMs: null, isLate: false };
    default:
      return impossible(act);
  }
}

/** A notice, a message only this person sees, or the modal itself already says it. */
function isShown(view: PersonView, act: Act, trouble: string): boolean {
  const top = view.modals.at(-1);
  const saidInForm = top !== undefined && (top.trouble !== null || Object.keys(top.errors).length > 0);
  const told = [...view.notices, ...view.channels.flatMap((seen) => seen.ephemerals)].map((said) => said.text);
  return trouble !== '' && ((act.do === 'submit' && saidInForm) || told.includes(trouble));
}

function answer(outcome: Outcome): ActAnswer {
  return { trouble: outcome.user_error ?? '', ackMs: outcome.ack_ms, isLate: outcome.late };
}

function pressed(act: Extract<Act, { do: 'press' }>) {
  return {
    action_id: act.action_id,
    ...(act.block_id === '' ? {} : { block_id: act.block_id }),
    ...(act.value === undefined ? {} : { value: act.value }),
  };
}

function onViewOf(act: Extract<Act, { do: 'choose' | 'suggest' }>) {
  return {
    surface: act.surface,
    view_id: act.view_id,
    action_id: act.action_id,
    ...(act.block_id === '' ? {} : { block_id: act.block_id }),
  };
}

/** An absent value stays absent: a button is pressed, nothing is chosen. */
function chosenOf(value: string | null | undefined): { value?: string | null } {
  return value === undefined ? {} : { value };
}

function impossible(act: never): never {
  throw new Error(`unknown act: ${JSON.stringify(act)}`);
}
