/** Owns what the page draws of one conversation: messages with their replies, what only the reader sees, day by day. */
import type { ConversationView, Ephemeral, Message, PersonView } from '@sallyport/testkit/slack';
import { type BlockContext, type BlockView, blockViews } from './blocks.ts';
import { clockTime, dayHeading } from './dates.ts';
import { mrkdwn } from './mrkdwn.ts';
import { type FaceView, faceOf } from './people.ts';
import type { Part, TextContext } from './text.ts';

const MESSAGES_MAX = 200;

export interface MessageView {
  ts: string;
  author: FaceView;
  isApp: boolean;
  /** "13:04" in the reader's zone. */
  time: string;
  iso: string;
  /** Set where this message is the first of its day: "Today". */
  day: string | null;
  /** What is read aloud when the message arrives. */
  spoken: string;
  /** The text as it is drawn; empty where blocks are drawn instead. */
  text: Part[];
  blocks: BlockView[];
  isEdited: boolean;
  /** Only the reader sees it; it can be dismissed. */
  isOnlyYours: boolean;
  replies: MessageView[];
}

/** The conversation as the reader sees it, oldest first, at most the newest 200. */
export function messageViews(seen: ConversationView, view: PersonView, context: TextContext): MessageView[] {
  const draw = makeDraw(view, context);
  const inThread = (ts: string) => seen.ephemerals.filter((e) => e.thread_ts === ts).map((e) => draw(e, []));
  const own = seen.messages.map((message) => {
    const replies = (seen.replies[message.ts] ?? []).map((reply) => draw(reply, []));
    return draw(message, [...replies, ...inThread(message.ts)].sort(byTime));
  });
  const parents = new Set(seen.messages.map((message) => message.ts));
  const onlyMine = seen.ephemerals
    .filter((e) => e.thread_ts === undefined || !parents.has(e.thread_ts))
    .map((e) => draw(e, []));
  return withDays([...own, ...onlyMine].sort(byTime).slice(-MESSAGES_MAX), context);
}

function makeDraw(view: PersonView, context: TextContext) {
  return (message: Message | Ephemeral, replies: MessageView[]): MessageView => {
    const blocks = message.blocks ?? [];
    const at = milliseconds(message.ts);
    return {
      ts: message.ts,
      author: faceOf(message.user, view.people),
      isApp: message.user === view.app.bot_user_id || (view.people[message.user]?.is_bot ?? false),
      time: clockTime(at, context.reader),
      iso: new Date(at).toISOString(),
      day: null,
      spoken: spoken(message.text, context),
      text: blocks.length > 0 ? [] : mrkdwn(message.text, context),
      blocks: blockViews(blocks, blockContext(message, context)),
      isEdited: 'edited' in message && message.edited !== undefined,
      isOnlyYours: 'to' in message,
      replies,
    };
  };
}

function blockContext(message: Message | Ephemeral, context: TextContext): BlockContext {
  const values = 'values' in message ? (message.values?.[context.me] ?? {}) : {};
  return { ...context, values, errors: {} };
}

/** The words of a text without its marks. */
function spoken(text: string, context: TextContext): string {
  const parts = mrkdwn(text, context);
  const words = parts.flatMap((part) => (part.kind === 'list' ? part.items.flat() : part.runs)).map((run) => run.text);
  return words.join('').slice(0, 500);
}

function withDays(messages: MessageView[], context: TextContext): MessageView[] {
  let last = '';
  return messages.map((message) => {
    const day = dayHeading(milliseconds(message.ts), context.reader);
    if (day === last) return message;
    last = day;
    return { ...message, day };
  });
}

function byTime(a: MessageView, b: MessageView): number {
  return a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0;
}

/** Slack's "1700000000.000100" as milliseconds since 1970. */
export function milliseconds(ts: string): number {
  return Math.floor(Number(ts) * 1000);
}
