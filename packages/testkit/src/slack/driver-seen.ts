/** What a person sees, in the terms a test asks for: messages, buttons, fields, modals. */
import { type Block, type Option, optionsOf } from './blocks.ts';
import type { Snapshot } from './control.ts';
import { elementsOf } from './locate.ts';
import type { Channel, Ephemeral, Message, ModalView } from './model.ts';
import { canSee } from './store.ts';
import { type Acting, actingParts, plainText, readable } from './text.ts';
import { plainValue } from './values.ts';

/** A button a person can press. */
export interface SeenButton {
  text: string;
  action_id: string;
  value: string | undefined;
  accessibility_label: string | undefined;
  style: string | undefined;
  confirm: string | undefined;
  url: string | undefined;
}

/** A message or an ephemeral, as read. */
export interface SeenMessage {
  ts: string;
  channel: string;
  user: string;
  /** What a person reads: the blocks, or the text where there are none. */
  reads: string;
  /** The fallback text: notifications, screen readers. */
  text: string;
  blocks: Block[];
  buttons: SeenButton[];
  /** Mentions and links that act. */
  acting: Acting[];
  thread_ts: string | undefined;
  ephemeral: boolean;
  metadata: Message['metadata'];
}

export interface SeenField {
  block_id: string;
  label: string;
  /** Text, option value, or option values joined by commas. */
  value: string | null;
  /** Values offered by a fixed list. */
  options: string[];
  error: string | undefined;
}

export interface SeenModal {
  id: string;
  callback_id: string;
  title: string;
  submit: string | undefined;
  reads: string;
  fields: Record<string, SeenField>;
  errors: Record<string, string>;
  trouble: string | null;
  /** How many modals lie on the stack. */
  depth: number;
  view: ModalView;
}

/** Whether this person can read the channel. */
export function sees(snapshot: Snapshot, userId: string, channel: Channel): boolean {
  const user = snapshot.state.users[userId];
  return user !== undefined && canSee(user, channel);
}

/** A stored message or ephemeral as a test reads it. */
export function seenMessage(snapshot: Snapshot, message: Message | Ephemeral): SeenMessage {
  const blocks = message.blocks ?? [];
  return {
    ts: message.ts,
    channel: message.channel,
    user: message.user,
    reads: blocks.length > 0 ? plainText(blocks, snapshot.state) : readable(message.text, snapshot.state),
    text: message.text,
    blocks,
    buttons: buttonsIn(blocks),
    acting: actingParts(blocks, message.text),
    thread_ts: message.thread_ts,
    ephemeral: 'to' in message,
    metadata: 'metadata' in message ? message.metadata : undefined,
  };
}

/** A modal with its fields as a test reads them. */
export function seenModal(snapshot: Snapshot, view: ModalView, depth: number): SeenModal {
  const fields = elementsOf(view.blocks).flatMap(({ block, block_id, element }): [string, SeenField][] => {
    if (element.type === 'button' || element.type === 'overflow') return [];
    const options: readonly Option[] = 'options' in element || 'option_groups' in element ? optionsOf(element) : [];
    const label = block.type === 'input' ? block.label.text : '';
    const value = plainValue(view.values[block_id]?.[element.action_id ?? '']);
    return [[block_id, { block_id, label, value, options: options.map((o) => o.value), error: view.errors[block_id] }]];
  });
  return {
    id: view.id,
    callback_id: view.callback_id,
    title: view.title.text,
    submit: view.submit?.text,
    reads: plainText(view.blocks, snapshot.state),
    fields: Object.fromEntries(fields),
    errors: view.errors,
    trouble: view.trouble,
    depth,
    view,
  };
}

/** Every button among the blocks. */
export function buttonsIn(blocks: readonly Block[]): SeenButton[] {
  return elementsOf(blocks).flatMap(({ element }) => {
    if (element.type !== 'button') return [];
    return [
      {
        text: element.text.text,
        action_id: element.action_id ?? '',
        value: element.value,
        accessibility_label: element.accessibility_label,
        style: element.style,
        confirm: element.confirm && readable(element.confirm.text),
        url: element.url,
      },
    ];
  });
}
