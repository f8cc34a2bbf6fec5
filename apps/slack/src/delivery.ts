/** Owns the question whether a body is something Slack sends: checked before Bolt sees it, which takes much for granted. */
import { z } from 'zod';

const id = z.string().min(1).max(200);
const interaction = z.looseObject({
  type: z.enum(['block_actions', 'view_submission', 'view_closed', 'block_suggestion', 'shortcut', 'message_action']),
  user: z.looseObject({ id }),
});
const command = z.looseObject({ command: z.string().startsWith('/').max(100), user_id: id, team_id: id });
const event = z.looseObject({ type: z.literal('event_callback'), event: z.looseObject({ type: id }) });
const verification = z.looseObject({ type: z.literal('url_verification'), challenge: z.string().max(500) });

const needs: Readonly<Record<string, z.ZodType>> = {
  block_actions: z.looseObject({ actions: z.array(z.looseObject({ action_id: id })).min(1) }),
  view_submission: z.looseObject({ view: z.looseObject({}) }),
  view_closed: z.looseObject({ view: z.looseObject({}) }),
  block_suggestion: z.looseObject({ action_id: id }),
};

export const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/** Whether an already parsed body can be handed to Bolt. */
export function isDelivery(body: unknown): boolean {
  if (command.safeParse(body).success || event.safeParse(body).success || verification.safeParse(body).success)
    return true;
  const seen = interaction.safeParse(body);
  if (!seen.success) return false;
  return needs[seen.data.type]?.safeParse(body).success ?? true;
}

/** Whether a raw body of this media type is something Slack sends. */
export function isRawDelivery(mediaType: string, raw: string): boolean {
  if (mediaType === JSON_TYPE) return isDelivery(parseJson(raw));
  if (mediaType !== FORM) return false;
  const fields = new URLSearchParams(raw);
  // Two of one name are read differently by different parsers.
  if (new Set(fields.keys()).size !== [...fields.keys()].length || fields.has('ssl_check')) return false;
  const payload = fields.get('payload');
  return isDelivery(payload === null ? Object.fromEntries(fields) : parseJson(payload));
}

/** `ssl_check=1` and at most the old verification token: Slack asks whether the certificate is good, unsigned. */
export function isBareSslCheck(mediaType: string, raw: string): boolean {
  if (mediaType !== FORM || raw.length > 1_000) return false;
  const fields = new URLSearchParams(raw);
  return (
    fields.get('ssl_check') === '1' && [...fields.keys()].every((name) => name === 'ssl_check' || name === 'token')
  );
}

/** The media type without its parameters, in lower case. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
