/** Owns the doctor's calls of Slack's Web API: one token, a form, the answer in words; a pause Slack asks for is kept once. */
import { err, ok, type Result } from '@sallyport/core';
import type { Secret } from '@sallyport/platform';
import { z } from 'zod';
import { retryAfterSeconds, send } from '../http.ts';

export interface SlackAnswer {
  /** Slack's own members. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What the token may do; undefined where Slack does not say. */
  readonly scopes: readonly string[] | undefined;
}

/** Slack said no by its own word, or nothing came that Slack would say. */
export type SlackNo =
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unreachable'; readonly why: string };

export type SlackCall = (
  method: string,
  args?: Readonly<Record<string, string>>,
) => Promise<Result<SlackAnswer, SlackNo>>;

const answer = z.union([
  z.looseObject({ ok: z.literal(true) }),
  z.looseObject({ ok: z.literal(false), error: z.string() }),
]);
const PAUSE_SECONDS_MAX = 60;

export interface SlackCallsOptions {
  readonly apiUrl: string;
  readonly token: Secret<string>;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Makes calls with one token. The token goes into a header, never into an address. */
export function slackCalls({ apiUrl, token, sleep }: SlackCallsOptions): SlackCall {
  const once = (method: string, args: Readonly<Record<string, string>>) =>
    send({
      method: 'POST',
      url: `${apiUrl}${method}`,
      headers: {
        authorization: `Bearer ${token.reveal()}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams(args).toString(),
    });
  return async (method, args = {}) => {
    let answered = await once(method, args);
    if (answered.ok && answered.value.status === 429) {
      await sleep(1_000 * Math.min(PAUSE_SECONDS_MAX, retryAfterSeconds(answered.value.headers) ?? 1));
      answered = await once(method, args);
    }
    if (!answered.ok) return err({ kind: 'unreachable', why: answered.error });
    const parsed = answer.safeParse(answered.value.body);
    if (!parsed.success) {
      return err({ kind: 'unreachable', why: `status ${answered.value.status}, and not as Slack answers` });
    }
    if (!parsed.data.ok) return err({ kind: 'refused', code: wordOf(parsed.data.error) });
    return ok({ body: parsed.data, scopes: scopesIn(answered.value.headers.get('x-oauth-scopes')) });
  };
}

/** Slack's error words are short and plain; anything else is not repeated. */
function wordOf(error: string): string {
  return /^[a-z0-9_]{1,80}$/.test(error) ? error : 'an unreadable error';
}

function scopesIn(header: string | null): readonly string[] | undefined {
  const scopes = (header ?? '').split(',').map((one) => one.trim());
  const named = scopes.filter((one) => one !== '');
  return named.length === 0 ? undefined : named;
}
