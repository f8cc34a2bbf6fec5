/** Owns response URLs: 30 minutes, 5 uses, ephemeral unless said, replacing or deleting the message they came from. */
import { checkContent } from './content.ts';
import { secretId } from './ids.ts';
import { changeEphemeral, ephemeralAt, messageAt, post, postEphemeral, remove, update } from './messages.ts';
import type { ResponseUrl } from './model.ts';
import { BOUNDS, type Store } from './store.ts';

export const RESPONSE_USES_MAX = 5;
export const RESPONSE_LIFE_MS = 30 * 60_000;

export interface UrlAnswer {
  status: number;
  body: { ok: boolean; error?: string; response_metadata?: { messages: string[] } };
}

/** A new URL's id for an interaction of this person. */
export function issueResponseUrl(store: Store, url: Pick<ResponseUrl, 'user' | 'channel' | 'source'>): string {
  const all = store.state.response_urls;
  const id = secretId();
  all[id] = { ...url, id, uses: 0, expires_at: store.now() + RESPONSE_LIFE_MS };
  for (const old of Object.keys(all).slice(0, -BOUNDS.responseUrlsMax)) delete all[old];
  return id;
}

/** Makes all URLs older by `ms`. */
export function ageResponseUrls(store: Store, ms: number): void {
  for (const url of Object.values(store.state.response_urls)) url.expires_at -= ms;
}

/** What Slack does with a POST to a response URL. A refused use counts, an unknown URL does not exist. */
export function useResponseUrl(store: Store, id: string, body: Record<string, unknown>): UrlAnswer {
  const url = store.state.response_urls[id];
  if (!url) return no(404, 'no_such_url');
  if (store.now() > url.expires_at) return no(404, 'expired_url');
  if (url.uses >= RESPONSE_USES_MAX) {
    store.violate('response_url_over_5', 'response_url', `use ${url.uses + 1} for ${url.user}`);
    return no(404, 'used_url');
  }
  url.uses += 1;
  return respond(store, url, body);
}

/** Does what the body says, also used for an answer given directly to a command. */
export function respond(
  store: Store,
  url: Omit<ResponseUrl, 'id' | 'uses' | 'expires_at'>,
  body: Record<string, unknown>,
): UrlAnswer {
  if (isTrue(body.delete_original)) return deleteOriginal(store, url);
  const content = checkContent(store, 'response_url', body);
  if (!content.ok) return { ...no(400, content.error), body: refusal(content) };
  const { blocks } = content;
  const text = content.text ?? '';
  // Asked from a message, Slack replaces it unless told not to.
  if (url.source && !isFalse(body.replace_original)) return replaceOriginal(store, url, { text, blocks });
  const draft = { channel: url.channel, text, blocks, thread_ts: stringOr(body.thread_ts) };
  if (body.response_type === 'in_channel') post(store, draft);
  else postEphemeral(store, url.user, draft);
  return { status: 200, body: { ok: true } };
}

type From = Pick<ResponseUrl, 'user' | 'channel' | 'source'>;

function deleteOriginal(store: Store, url: From): UrlAnswer {
  if (url.source?.ephemeral) {
    const ephemeral = ephemeralAt(store, url.user, url.source.ts);
    if (ephemeral) changeEphemeral(store, ephemeral);
  } else if (url.source) {
    const message = messageAt(store, url.channel, url.source.ts);
    if (message) remove(store, message);
  }
  return { status: 200, body: { ok: true } };
}

function replaceOriginal(
  store: Store,
  url: From,
  content: { text: string; blocks: Parameters<typeof update>[2]['blocks'] },
): UrlAnswer {
  if (url.source?.ephemeral) {
    const ephemeral = ephemeralAt(store, url.user, url.source.ts);
    if (ephemeral) changeEphemeral(store, ephemeral, content);
  } else if (url.source) {
    const message = messageAt(store, url.channel, url.source.ts);
    if (!message) return no(404, 'message_not_found');
    update(store, message, content);
  }
  return { status: 200, body: { ok: true } };
}

function no(status: number, error: string): UrlAnswer {
  return { status, body: { ok: false, error } };
}

function refusal(content: { error: string; messages: string[] }): UrlAnswer['body'] {
  return { ok: false, error: content.error, response_metadata: { messages: content.messages } };
}

const isTrue = (value: unknown): boolean => value === true || value === 'true';
const isFalse = (value: unknown): boolean => value === false || value === 'false';
const stringOr = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
