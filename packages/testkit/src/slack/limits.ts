/**
 * Checks what an app sends against Slack's rules: shapes, sizes, unique ids, what may not be mentioned.
 * On purpose nothing here is shared with an app: two tables of limits that agree are a proof, one is an assumption.
 */
import type { z } from 'zod';
import { type Block, blockSchema, type HomePayload, homeSchema, type ModalPayload, modalSchema } from './blocks.ts';
import { blockName } from './ids.ts';
import { elementsOf } from './locate.ts';
import type { MessageMetadata } from './model.ts';

export const MESSAGE_BLOCKS_MAX = 50;
export const MESSAGE_TEXT_MAX = 40_000;
export const VIEW_BYTES_MAX = 250_000;
export const SUGGESTIONS_MAX = 100;
const METADATA_BYTES_MAX = 16_000;

const MODELLED_BLOCKS = new Set(['header', 'divider', 'section', 'context', 'actions', 'input', 'rich_text']);
const KNOWN_ELSEWHERE = new Set(['image', 'video', 'file', 'markdown', 'table', 'call', 'context_actions']);
const UNMODELLED_ELEMENTS =
  /^(datepicker|timepicker|users_select|conversations_select|channels_select|multi_.*_select|email_text_input|url_text_input|number_input|rich_text_input|file_input|workflow_button|feedback_buttons|icon_button)$/;

/** Good: the parsed value. Bad: Slack's complaint lines; `unsupported` names what Slack has and this workspace has not. */
export type Checked<T> =
  | { ok: true; value: T }
  | { ok: false; messages: string[]; unsupported?: string; tooLarge?: boolean };

/** Blocks of a message (or of an ephemeral). Unnamed blocks and actions get ids, as Slack gives them. */
export function checkBlocks(value: unknown): Checked<Block[]> {
  const list = typeof value === 'string' ? parseJson(value) : value;
  if (!Array.isArray(list)) return bad('must be an array [json-pointer:/blocks]');
  const unsupported = firstUnsupported(list);
  if (unsupported) return { ok: false, messages: [`not supported: ${unsupported}`], unsupported };
  if (list.length > MESSAGE_BLOCKS_MAX)
    return bad(`no more than ${MESSAGE_BLOCKS_MAX} items allowed [json-pointer:/blocks]`);
  const parsed = blockSchema.array().safeParse(list);
  if (!parsed.success) return { ok: false, messages: complaints(parsed.error, '/blocks') };
  return named(parsed.data);
}

/** A modal as given to `views.open`, `views.push`, `views.update` or in a `response_action`. */
export function checkModal(value: unknown): Checked<ModalPayload> {
  return checkView(value, modalSchema);
}

/** A Home tab as given to `views.publish`. */
export function checkHome(value: unknown): Checked<HomePayload> {
  return checkView(value, homeSchema);
}

/** Message metadata: `{event_type, event_payload}`; undefined when absent, null when cleared by `{}`. */
export function checkMetadata(value: unknown): Checked<MessageMetadata | null | undefined> {
  if (value === undefined || value === '') return { ok: true, value: undefined };
  const given = typeof value === 'string' ? parseJson(value) : value;
  if (!isRecord(given)) return bad('invalid_metadata_format');
  if (Object.keys(given).length === 0) return { ok: true, value: null };
  const { event_type, event_payload } = given;
  if (typeof event_type !== 'string' || !isRecord(event_payload)) return bad('invalid_metadata_schema');
  if (JSON.stringify(given).length > METADATA_BYTES_MAX) return bad('metadata_too_large');
  return { ok: true, value: { event_type, event_payload } };
}

/** The broadcast a text or a block would shout (`@channel`, `@here`, `@everyone`), or undefined. */
export function broadcastIn(
  text: string,
  blocks: readonly Block[] | undefined,
  linkNames: boolean,
): string | undefined {
  const strings = [text, ...mrkdwnStrings(blocks ?? [])];
  for (const s of strings) {
    const special = /<!(channel|here|everyone|group)\b/.exec(s);
    if (special) return `@${special[1]}`;
    const bare = linkNames ? /(?:^|\s)@(channel|here|everyone)\b/.exec(s) : null;
    if (bare) return `@${bare[1]}`;
  }
  return JSON.stringify(blocks ?? []).includes('"type":"broadcast"') ? 'a broadcast element' : undefined;
}

function checkView<T extends { blocks: Block[] }>(value: unknown, schema: z.ZodType<T>): Checked<T> {
  const view = typeof value === 'string' ? parseJson(value) : value;
  if (!isRecord(view)) return bad('must be an object [json-pointer:/view]');
  if (Buffer.byteLength(JSON.stringify(view)) > VIEW_BYTES_MAX)
    return { ok: false, messages: ['view_too_large'], tooLarge: true };
  const unsupported = Array.isArray(view.blocks) ? firstUnsupported(view.blocks) : undefined;
  if (unsupported) return { ok: false, messages: [`not supported: ${unsupported}`], unsupported };
  const parsed = schema.safeParse(view);
  if (!parsed.success) return { ok: false, messages: complaints(parsed.error, '/view') };
  const blocks = named(parsed.data.blocks);
  return blocks.ok ? { ok: true, value: { ...parsed.data, blocks: blocks.value } } : blocks;
}

/** Gives ids to unnamed blocks and actions and refuses those used twice. */
function named(blocks: Block[]): Checked<Block[]> {
  const seen = new Set<string>();
  for (const block of blocks) {
    block.block_id ??= blockName();
    if (seen.has(block.block_id))
      return bad(`block_id "${block.block_id}" is used more than once [json-pointer:/blocks]`);
    seen.add(block.block_id);
    const actions = new Set<string>();
    for (const { element } of elementsOf([block])) {
      element.action_id ??= blockName();
      if (actions.has(element.action_id))
        return bad(`action_id "${element.action_id}" is used twice in one block [json-pointer:/blocks]`);
      actions.add(element.action_id);
    }
  }
  return { ok: true, value: blocks };
}

/** The first block or element type that exists in Slack and not here. */
function firstUnsupported(list: readonly unknown[]): string | undefined {
  for (const block of list) {
    if (!isRecord(block) || typeof block.type !== 'string') continue;
    if (!MODELLED_BLOCKS.has(block.type) && KNOWN_ELSEWHERE.has(block.type)) return `block ${block.type}`;
    const inner = [block.accessory, block.element, ...(Array.isArray(block.elements) ? block.elements : [])];
    for (const element of inner) {
      if (isRecord(element) && typeof element.type === 'string' && UNMODELLED_ELEMENTS.test(element.type)) {
        return `element ${element.type}`;
      }
    }
  }
  return undefined;
}

function complaints(error: z.ZodError, root: string): string[] {
  return error.issues.slice(0, 10).map((issue) => `${issue.message} [json-pointer:${[root, ...issue.path].join('/')}]`);
}

function mrkdwnStrings(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(mrkdwnStrings);
  if (!isRecord(value)) return [];
  if (value.type === 'mrkdwn' && typeof value.text === 'string') return [value.text];
  return Object.values(value).flatMap(mrkdwnStrings);
}

function bad(message: string): { ok: false; messages: string[] } {
  return { ok: false, messages: [message] };
}

/** JSON text as a value, undefined if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
