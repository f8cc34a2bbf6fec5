/** Checks the content of a message once for every way it can come: Web API, response URL, answer to a command. */
import type { Block } from './blocks.ts';
import { broadcastIn, checkBlocks, MESSAGE_TEXT_MAX } from './limits.ts';
import type { Store } from './store.ts';

export interface Content {
  text: string | undefined;
  blocks: Block[] | undefined;
}

export type CheckedContent = ({ ok: true } & Content) | { ok: false; error: string; messages: string[] };

/**
 * Text and blocks as Slack would take them, or its error. Records the violations: blocks Slack refuses, a message
 * without text, a mention of everybody. `where` names the method for the record.
 */
export function checkContent(
  store: Store,
  where: string,
  given: { text?: unknown; blocks?: unknown; attachments?: unknown; link_names?: unknown; parse?: unknown },
): CheckedContent {
  const text = given.text === undefined || given.text === '' ? undefined : String(given.text);
  if (given.attachments !== undefined) return unsupported(store, where, 'attachments');
  const checked = given.blocks === undefined || given.blocks === '' ? undefined : checkBlocks(given.blocks);
  if (checked?.ok === false) {
    if (checked.unsupported) return unsupported(store, where, checked.unsupported);
    store.violate('invalid_blocks', where, checked.messages.join('; '));
    return { ok: false, error: 'invalid_blocks', messages: checked.messages };
  }
  const blocks = checked?.value.length ? checked.value : undefined;
  if (text === undefined) store.violate('no_text', where, blocks ? 'blocks without a text' : 'neither text nor blocks');
  if (text === undefined && !blocks) return { ok: false, error: 'no_text', messages: [] };
  if ((text ?? '').length > MESSAGE_TEXT_MAX) return { ok: false, error: 'msg_too_long', messages: [] };
  const linkNames =
    given.parse === 'full' || given.link_names === true || given.link_names === 'true' || given.link_names === '1';
  const shout = broadcastIn(text ?? '', blocks, linkNames);
  if (shout) store.violate('broadcast_mention', where, `mentions ${shout}`);
  return { ok: true, text, blocks };
}

/** Refuses loudly what Slack has and this workspace has not. */
export function unsupported(
  store: Store,
  where: string,
  what: string,
): { ok: false; error: string; messages: string[] } {
  store.violate('not_supported', where, what);
  return { ok: false, error: 'invalid_arguments', messages: [`not supported: ${what}`] };
}
