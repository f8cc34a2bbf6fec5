/** Owns the look at everything drawn in a test: can it be read without colour, without signs, by ear, and at one's own time. */
import { actingParts, type Block, type SlackEngine } from '@sallyport/testkit/slack';

/** Something shown, as it was at some moment. */
export interface Shown {
  readonly place: string;
  readonly blocks: readonly Block[];
  /** The fallback of a message; nothing for a form or a Home. */
  readonly text?: string;
}

/** Everything the workspace has of us now: messages with their earlier versions, what one person alone sees, forms, Homes. */
export function everythingShown({ state }: Pick<SlackEngine, 'state'>, cardsIn = 'C01APPROVALS'): readonly Shown[] {
  const messages = Object.entries(state.messages).flatMap(([channel, all]) =>
    all.flatMap((one) => {
      const place = channel !== cardsIn ? 'direct message' : one.thread_ts === undefined ? 'card' : 'thread line';
      return [one, ...one.earlier].map(({ text, blocks = [] }) => ({ place, text, blocks }));
    }),
  );
  const ephemerals = Object.values(state.ephemerals).flat();
  const views = Object.values(state.views).flat();
  return [
    ...messages,
    ...ephemerals.map(({ text, blocks = [] }) => ({ place: 'ephemeral', text, blocks })),
    ...views.map(({ callback_id, blocks }) => ({ place: `form ${callback_id}`, blocks })),
    ...Object.values(state.homes).map(({ blocks }) => ({ place: 'Home', blocks })),
  ];
}

/** Every string below, wherever it stands. */
export function strings(part: unknown): readonly string[] {
  if (typeof part === 'string') return [part];
  if (typeof part !== 'object' || part === null) return [];
  return Object.values(part).flatMap(strings);
}

/** Looks at whatever is drawn from now on, once each. The answer gives what cannot be read, so far. */
export function watchReadable(engine: Pick<SlackEngine, 'state' | 'subscribe'>): () => readonly string[] {
  const looked = new WeakSet<object>();
  const problems = new Set<string>();
  engine.subscribe(() => {
    for (const shown of everythingShown(engine)) {
      if (looked.has(shown.blocks)) continue;
      looked.add(shown.blocks);
      for (const problem of unreadable(shown)) problems.add(problem);
    }
  });
  return () => [...problems];
}

/** What is wrong with something shown. */
export function unreadable({ place, blocks, text }: Shown): readonly string[] {
  const all = [
    ...(text !== undefined && text.trim() === '' ? ['a message without text'] : []),
    ...(text === undefined ? [] : signsIn(ownWords(text))),
    ...blocks.flatMap((block) => partsOf(block).flatMap(problemsOf)),
    ...actingParts(blocks, text).map(({ kind }) => `a ${kind} that acts`),
  ];
  return all.map((problem) => `${place}: ${problem}`);
}

type Part = Readonly<Record<string, unknown>>;

/** The block and every object in it, but people's own words: quotes, and what a field is filled in with. */
function partsOf(part: unknown): readonly Part[] {
  if (Array.isArray(part)) return withoutTickets(part).flatMap(partsOf);
  if (typeof part !== 'object' || part === null) return [];
  const it = part as Part;
  if (it.type === 'rich_text_quote') return [];
  return [it, ...Object.values(it).flatMap(partsOf)];
}

/** In a list of facts what follows these names is somebody's own. */
function withoutTickets(parts: readonly unknown[]): readonly unknown[] {
  return parts.filter((_, index) => {
    const before = parts[index - 1];
    const label = typeof before === 'object' && before !== null && 'text' in before ? String(before.text) : '';
    return !/^\n?(?:Ticket|Shown to them): $/.test(label);
  });
}

function problemsOf(part: Part): readonly string[] {
  switch (part.type) {
    case 'button':
      return buttonProblems(part);
    case 'input':
      return textOf(part.label) === '' ? ['a field without a name'] : [];
    case 'image':
      return textOf(part.alt_text) === '' ? ['an image without words'] : [];
    case 'emoji':
      return ['a sign instead of a word'];
    case 'date':
      return String(part.fallback ?? '').includes(' UTC') ? [] : ['a time without UTC where no zone is known'];
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
    case 'checkboxes':
    case 'plain_text':
      return signsIn(ownWords(textOf(part)));
    case 'text':
      return [...signsIn(ownWords(textOf(part))), ...bareTimes(ownWords(textOf(part)))];
    default:
      return [];
  }
}

function buttonProblems(part: Part): readonly string[] {
  const text = textOf(part.text);
  const label = String(part.accessibility_label ?? '');
  if (text === '') return ['a button without a word'];
  if (label === '') return [`the button "${text}" says to nobody what it is about`];
  return label.startsWith(`${text} `) ? [] : [`the button "${text}" is called "${label}"`];
}

/** A state told by a sign is no state to whoever hears the page. */
function signsIn(text: string): readonly string[] {
  return /(?![©®™])\p{Extended_Pictographic}|:[a-z_]+:/u.test(text) ? [`a sign in "${text.slice(0, 60)}"`] : [];
}

/** A time of day in rich text is a date element, or it is nobody's. A person's own clock is said to be that. */
function bareTimes(text: string): readonly string[] {
  return /\b\d{1,2}:\d\d\b/.test(text) && !text.includes('on the clock of') ? [`a bare time in "${text}"`] : [];
}

/** Without what somebody typed: said back to them, or a ticket in a paragraph of facts. */
function ownWords(text: string): string {
  return text.replace(/resource '.*' you can request/s, 'resource you can request').replace(/^Ticket: .*$/gm, '');
}

function textOf(part: unknown): string {
  if (typeof part === 'string') return part;
  return typeof part === 'object' && part !== null && 'text' in part ? textOf(part.text) : '';
}
