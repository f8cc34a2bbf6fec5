/** Small valid blocks and views for the workspace's own tests. */
import type { Block, Element } from './blocks.ts';

export const plain = (text: string) => ({ type: 'plain_text' as const, text });
export const mrkdwn = (text: string) => ({ type: 'mrkdwn' as const, text });

export const section = (text: string, block_id?: string): Block => ({
  type: 'section',
  text: mrkdwn(text),
  ...(block_id ? { block_id } : {}),
});

export const button = (action_id: string, value: string, text = action_id): Extract<Element, { type: 'button' }> => ({
  type: 'button',
  action_id,
  value,
  text: plain(text),
});

export const buttons = (...elements: Extract<Element, { type: 'button' }>[]): Block => ({ type: 'actions', elements });

export const option = (value: string, text = value) => ({ text: plain(text), value });

export const textInput = (id: string, more: Record<string, unknown> = {}) => ({
  type: 'input' as const,
  block_id: id,
  label: plain(id),
  element: { type: 'plain_text_input' as const, action_id: id },
  ...more,
});

export const select = (id: string, values: string[], more: Record<string, unknown> = {}) => ({
  type: 'input' as const,
  block_id: id,
  label: plain(id),
  element: { type: 'static_select' as const, action_id: id, options: values.map((v) => option(v)) },
  ...more,
});

export const search = (id: string, min_query_length = 0) => ({
  type: 'input' as const,
  block_id: id,
  label: plain(id),
  dispatch_action: true,
  element: { type: 'external_select' as const, action_id: id, min_query_length },
});

export const modal = (blocks: unknown[], more: Record<string, unknown> = {}) => ({
  type: 'modal',
  callback_id: 'sample',
  title: plain('Sample'),
  submit: plain('Send'),
  blocks,
  ...more,
});
