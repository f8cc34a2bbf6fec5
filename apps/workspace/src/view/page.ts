/** Owns the one value the browser draws: all that one person sees in one open conversation, ready to show. */
import type { ConversationView, HomeView, ModalView, PersonView, UserGroup, Violation } from '@sallyport/testkit/slack';
import { type BlockView, blockViews } from './blocks.ts';
import { type MessageView, messageViews } from './conversation.ts';
import { clockTime, type Reader } from './dates.ts';
import { type FaceView, faceOf, nameOf, type PersonCard, personCard } from './people.ts';
import type { TextContext } from './text.ts';

/** The place that is not a conversation: the app's Home tab. */
export const HOME = 'home';

const VIOLATIONS_MAX = 20;

export interface PlaceView {
  id: string;
  name: string;
  kind: 'public' | 'private' | 'im';
  /** The other person of a direct message. */
  face: FaceView | null;
  /** Time of the newest message by somebody else; the browser knows up to where it was read. */
  newest: string;
  isOpen: boolean;
}

export type HereView =
  | {
      kind: 'conversation';
      id: string;
      title: string;
      topic: string;
      members: number;
      isPrivate: boolean;
      isDirect: boolean;
      isArchived: boolean;
      messages: MessageView[];
      canWrite: boolean;
    }
  | { kind: 'home'; id: string; title: string; view: { id: string; blocks: BlockView[] } | null }
  | { kind: 'nowhere'; id: string; title: string };

export interface ShortcutView {
  id: string;
  name: string;
  description: string;
}

export interface ModalPage {
  id: string;
  title: string;
  submit: string | null;
  close: string;
  blocks: BlockView[];
  /** What Slack says above the buttons when the app did not answer well. */
  trouble: string;
  isBusy: boolean;
  isSubmitDisabled: boolean;
  /** How many modals are open below this one. */
  below: number;
}

/** A person one can be; `direct` and `newest`: their direct message with the app, and its newest message. */
export type RailView = PersonCard & { isYou: boolean; direct: string; newest: string };

export interface PageView {
  you: PersonCard;
  team: string;
  app: FaceView;
  rail: RailView[];
  isHomeOpen: boolean;
  channels: PlaceView[];
  directs: PlaceView[];
  here: HereView;
  modal: ModalPage | null;
  notices: { id: string; text: string; time: string }[];
  commands: { command: string; description: string; usage: string }[];
  shortcuts: ShortcutView[];
  /** What can be started on a message. */
  messageShortcuts: ShortcutView[];
  /** The newest rules of the platform the app broke. */
  violations: { key: string; what: string; detail: string }[];
}

/** What the page needs beside the person's view. */
export interface PageAsk {
  /** Channel id or `home`; anything else opens the first channel. */
  open: string;
  reader: Reader;
  groups: Record<string, UserGroup>;
  violations: readonly Violation[];
  /** Channel names by id, for mentions of channels the person is not in. */
  channelName(id: string): string | undefined;
  /** A person's direct message with the app and the time of its newest message; '' where there is none. */
  directOf(user: string): { direct: string; newest: string };
}

/** Everything the browser draws for this person, place and moment. Equal inputs give equal values. */
export function pageView(view: PersonView, ask: PageAsk): PageView {
  const context = textContext(view, ask);
  const here = hereView(view, ask.open, context);
  const place = (seen: ConversationView) => placeView(seen, view, here.id);
  return {
    you: personCard(view.me, homeTeam(view), view.people),
    team: view.team.name,
    app: faceOf(view.app.bot_user_id, view.people),
    rail: railOf(view, ask),
    isHomeOpen: here.kind === 'home',
    channels: view.channels.map(place),
    directs: view.dms.map(place),
    here,
    modal: modalPage(view.modals, context),
    notices: view.notices.map(({ id, text, at }) => ({ id, text, time: clockTime(at, context.reader) })),
    commands: view.app.commands.map(({ command, description, usage_hint: usage }) => ({ command, description, usage })),
    violations: ask.violations.slice(-VIOLATIONS_MAX).map(({ kind, at, where, detail }, index) => ({
      key: `${at} ${index}`,
      what: `${kind} in ${where}:`,
      detail,
    })),
    shortcuts: shortcutsOf(view, 'global'),
    messageShortcuts: shortcutsOf(view, 'message'),
  };
}

function shortcutsOf(view: PersonView, type: 'global' | 'message'): ShortcutView[] {
  return view.app.shortcuts
    .filter((one) => (one.type ?? 'global') === type)
    .map(({ callback_id: id, name, description }) => ({ id, name, description }));
}

function textContext(view: PersonView, ask: PageAsk): TextContext {
  return {
    me: view.me.id,
    reader: ask.reader,
    person: (id) => (view.people[id] === undefined ? undefined : nameOf(id, view.people)),
    channel: (id) => ask.channelName(id),
    group: (id) => {
      const group = ask.groups[id];
      return group === undefined ? undefined : { name: group.handle, mine: group.users.includes(view.me.id) };
    },
  };
}

/** People one can be, in the order of the workspace: those who are no bots. */
function railOf(view: PersonView, ask: PageAsk): PageView['rail'] {
  const team = homeTeam(view);
  return Object.values(view.people)
    .filter((user) => !user.is_bot)
    .map((user) => ({
      ...personCard(user, team, view.people),
      isYou: user.id === view.me.id,
      ...ask.directOf(user.id),
    }));
}

/** The team the app is installed in; `view.team` may be a stranger's own. */
function homeTeam(view: PersonView): string {
  return view.people[view.app.bot_user_id]?.team_id ?? view.team.id;
}

function hereView(view: PersonView, open: string, context: TextContext): HereView {
  if (open === HOME) return homeView(view.home, view, context);
  const all = [...view.channels, ...view.dms];
  const seen = all.find(({ channel }) => channel.id === open) ?? all[0];
  if (seen === undefined) return { kind: 'nowhere', id: '', title: 'Nothing to see' };
  const { channel } = seen;
  return {
    kind: 'conversation',
    id: channel.id,
    title: channel.kind === 'im' ? seen.title : channel.name,
    topic: channel.topic,
    members: channel.members.length,
    isPrivate: channel.kind === 'private',
    isDirect: channel.kind === 'im',
    isArchived: channel.is_archived,
    messages: messageViews(seen, view, context),
    canWrite: !view.me.deleted && !channel.is_archived,
  };
}

function homeView(home: HomeView | null, view: PersonView, context: TextContext): HereView {
  const title = nameOf(view.app.bot_user_id, view.people);
  if (home === null) return { kind: 'home', id: HOME, title, view: null };
  const blocks = blockViews(home.blocks, { ...context, values: home.values, errors: {} });
  return { kind: 'home', id: HOME, title, view: { id: home.id, blocks } };
}

function placeView(seen: ConversationView, view: PersonView, open: string): PlaceView {
  const { channel } = seen;
  const other = channel.kind === 'im' ? channel.members.find((id) => id !== view.me.id) : undefined;
  return {
    id: channel.id,
    name: channel.kind === 'im' ? seen.title : channel.name,
    kind: channel.kind,
    face: other === undefined ? null : faceOf(other, view.people),
    newest: newestOf(seen, view.me.id),
    isOpen: channel.id === open,
  };
}

function newestOf(seen: ConversationView, me: string): string {
  const replies = Object.values(seen.replies).flat();
  const times = [...seen.messages, ...replies, ...seen.ephemerals]
    .filter(({ user }) => user !== me)
    .map(({ ts }) => ts);
  return times.sort().at(-1) ?? '';
}

function modalPage(stack: readonly ModalView[], context: TextContext): ModalPage | null {
  const top = stack.at(-1);
  if (top === undefined) return null;
  return {
    id: top.id,
    title: top.title.text,
    submit: top.submit?.text ?? null,
    close: top.close?.text ?? (top.submit === null ? 'Close' : 'Cancel'),
    blocks: blockViews(top.blocks, { ...context, values: top.values, errors: top.errors }),
    trouble: top.trouble ?? '',
    isBusy: top.busy,
    isSubmitDisabled: top.submit_disabled,
    below: stack.length - 1,
  };
}
