/** Owns one HTTP call: bounded in time and size, no redirects, and what goes wrong on the way as trouble. */
import { err, ok, type Result } from '@sallyport/core';
import { errorCode, isError } from '@sallyport/platform';
import { EXIT } from './exit-codes.ts';
import type { Trouble } from './trouble.ts';

const ANSWER_MS = 10_000;
const BODY_BYTES_MAX = 1_048_576;
const RETRY_AFTER_SECONDS_MAX = 300;

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How long the server may hold the answer on purpose, in ms; on top of the usual 10 s. */
  readonly heldMs?: number;
  /** Gives the call up. */
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly mediaType: string;
  /** Parsed JSON; undefined when there is none. */
  readonly body: unknown;
}

/** Makes a call. The error says in words why no answer came; an answer is not judged here. */
export async function send(call: Call): Promise<Result<Answer, string>> {
  const ms = ANSWER_MS + (call.heldMs ?? 0);
  try {
    const response = await fetch(call.url, {
      method: call.method,
      headers: { accept: 'application/json', 'user-agent': 'sallyport-cli', ...call.headers },
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(ms), ...(call.signal === undefined ? [] : [call.signal])]),
      ...(call.body === undefined ? {} : { body: call.body }),
    });
    const text = await boundedText(response);
    const mediaType = (response.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
    return ok({ status: response.status, headers: response.headers, mediaType, body: jsonOf(mediaType, text) });
  } catch (thrown) {
    return err(reasonOf(thrown, ms));
  }
}

/** No answer came. */
export function unreachable(origin: string, why: string): Trouble {
  return {
    exit: EXIT.unreachable,
    code: 'unreachable',
    message: `no answer from the broker at ${origin}: ${why}`,
    next: 'Is it running (npm start), and is SALLYPORT_ISSUER its address? `sallyport doctor` looks closer.',
    retryAfterSeconds: 2,
  };
}

/** Something answered that is not a Sallyport broker. */
export function notSallyport(origin: string, { status, mediaType }: Answer): Trouble {
  const what = mediaType === '' ? 'no content type' : mediaType;
  return {
    exit: EXIT.unreachable,
    code: 'not_sallyport',
    message: `what answers at ${origin} does not speak as a Sallyport broker does (status ${status}, ${what})`,
    next: 'Check SALLYPORT_ISSUER.',
    ...(status === 502 || status === 503 || status === 504 ? { retryAfterSeconds: 2 } : {}),
  };
}

/** `Retry-After` in seconds (RFC 9110 section 10.2.3, the form we send), at most five minutes. */
export function retryAfterSeconds(headers: Headers): number | undefined {
  const text = headers.get('retry-after') ?? '';
  return /^\d{1,9}$/.test(text) ? Math.min(Number(text), RETRY_AFTER_SECONDS_MAX) : undefined;
}

class TooLarge extends Error {}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(mediaType: string, text: string): unknown {
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(mediaType)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the host name could not be looked up',
  ECONNRESET: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
};

function reasonOf(thrown: unknown, ms: number): string {
  if (thrown instanceof TooLarge) return 'the answer is too large';
  if (isError(thrown) && thrown.name === 'AbortError') return 'given up';
  if (isError(thrown) && thrown.name === 'TimeoutError') return `none within ${Math.round(ms / 1_000)} s`;
  const cause = isError(thrown) && thrown.cause !== undefined ? thrown.cause : thrown;
  const code = errorCode(cause);
  if (code !== undefined) return WORDS[code] ?? code;
  return isError(cause) ? cause.message : 'the call failed';
}
