/** Owns how one delivery reaches the app and how its answer is judged: over HTTP or a socket, within 3 seconds. */
import type { DeliveryKind, Outcome } from './model.ts';

/** Something to send: a command's form, or a payload. */
export interface Parcel {
  kind: DeliveryKind;
  /** Form fields for a command, the JSON payload otherwise. */
  payload: Record<string, unknown>;
  retry?: { num: number; reason: string };
}

/** The app's answer before anybody interprets it. */
export interface Answer {
  /** null: no answer came. */
  status: number | null;
  ack_ms: number | null;
  late: boolean;
  body: unknown;
  /** Slack's name for what went wrong, null if the app acknowledged. */
  error: 'operation_timeout' | 'dispatch_failed' | 'http_client_error' | 'http_service_error' | null;
  /** The app asked not to be sent this again (`x-slack-no-retry`). */
  no_retry: boolean;
}

export const NO_ANSWER: Answer = {
  status: null,
  ack_ms: null,
  late: false,
  body: null,
  error: 'dispatch_failed',
  no_retry: false,
};

/** The outcome a person-side action reports; `user_error` in the words Slack shows. */
export function outcomeOf(answer: Answer, userError: string | null): Outcome {
  return { status: answer.status, ack_ms: answer.ack_ms, late: answer.late, body: answer.body, user_error: userError };
}

/** Nothing was sent; `why` is what the person is told. */
export function notSent(why: string | null): Outcome {
  return { status: null, ack_ms: null, late: false, body: null, user_error: why };
}

/** The body's text as JSON where it is JSON, null where it is empty. */
export function parseBody(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Bytes and content type of a parcel over HTTP, exactly as Slack sends them. */
export function encode(parcel: Parcel): { body: string; contentType: string } {
  if (parcel.kind === 'event') return { body: JSON.stringify(parcel.payload), contentType: 'application/json' };
  const fields = parcel.kind === 'command' ? parcel.payload : { payload: JSON.stringify(parcel.payload) };
  const form = new URLSearchParams(Object.entries(fields).map(([k, v]): [string, string] => [k, String(v)]));
  return { body: form.toString(), contentType: 'application/x-www-form-urlencoded' };
}
