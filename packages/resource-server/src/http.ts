/** One request to the issuer: no redirects, bounded in time and size, JSON or text. */

import { Outage } from './outage.ts';

/** Something about a URL or an answer that is not as it must be. */
export class HttpProblem extends Error {
  /** Undefined when no answer came at all. */
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HttpProblem';
    this.status = status;
  }
}

/** What went wrong, for whoever runs the service: no address, no body, no secret. */
export function describe(problem: unknown): string {
  if (problem instanceof Outage) return problem.because;
  if (!(problem instanceof HttpProblem)) return 'the connection was lost';
  return problem.status === undefined ? problem.message : `${problem.message} (status ${problem.status})`;
}

export interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  /** A form body makes it a POST. */
  readonly form?: URLSearchParams;
  readonly timeoutMs: number;
  readonly bodyBytesMax: number;
  /** Gives up when this does. */
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly mediaType: string;
  readonly text: string;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether what is sent there stays private: https, or http that never leaves this machine; nothing but an address. */
export function isPrivateUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const safe = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
  return safe && username === '' && password === '';
}

/**
 * Sends one request and reads the whole answer.
 * @throws HttpProblem for any status but 200, a redirect, a body that is too large or not UTF-8, no answer in time
 */
export async function ask(fetchLike: typeof fetch, url: string, asking: Asking): Promise<Answer> {
  const response = await send(fetchLike, url, asking);
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new HttpProblem('refused', response.status);
  }
  return { mediaType: mediaTypeOf(response), text: await readBounded(response, asking.bodyBytesMax) };
}

/** Like `ask`, for JSON (RFC 8259). @throws HttpProblem also when it is none */
export async function askJson(fetchLike: typeof fetch, url: string, asking: Asking): Promise<unknown> {
  const headers = { accept: 'application/json', ...asking.headers };
  const { text } = await ask(fetchLike, url, { ...asking, headers });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HttpProblem('not JSON', 200, { cause });
  }
}

/** Lower case, without parameters. */
export function mediaTypeOf(response: Response): string {
  return (response.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** The members of a JSON object; undefined for anything else. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

async function send(fetchLike: typeof fetch, url: string, asking: Asking): Promise<Response> {
  const { headers = {}, form, timeoutMs, signal } = asking;
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return await fetchLike(url, {
      method: form === undefined ? 'GET' : 'POST',
      headers,
      redirect: 'error',
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      ...(form === undefined ? {} : { body: form }),
    });
  } catch (cause) {
    throw new HttpProblem('no answer', undefined, { cause });
  }
}

async function readBounded(response: Response, bodyBytesMax: number): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > bodyBytesMax) break;
      text += decoder.decode(chunk, { stream: true });
    }
    text += decoder.decode();
  } catch (cause) {
    throw new HttpProblem('the answer broke off, or is not UTF-8', response.status, { cause });
  }
  if (bytes > bodyBytesMax) throw new HttpProblem('the answer is too large', response.status);
  return text;
}
