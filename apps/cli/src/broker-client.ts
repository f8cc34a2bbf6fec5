/** Owns the calls to the broker's REST door: bearer token in, views out, every "no" as trouble with its exit code. */
import { err, type GrantId, ok, type RequestId, type Result } from '@sallyport/core';
import { z } from 'zod';
import { type Answer, type Call, notSallyport, retryAfterSeconds, send, unreachable } from './http.ts';
import type { BrokerSettings } from './settings.ts';
import type { Surroundings } from './surroundings.ts';
import { type Trouble, troubleOfProblem } from './trouble.ts';
import { type GrantView, grantView, type RequestView, requestList, requestView } from './views.ts';

const TRIES_MAX = 3;
const PAUSE_SECONDS_MAX = 5;

/** What is asked for; names as on the wire. */
export interface CreateBody {
  readonly resource: string;
  readonly role: string;
  readonly duration: string;
  readonly justification: string;
  readonly ticket?: string;
  readonly subject?: { readonly workload: string };
  readonly not_before?: string;
}

export interface DecisionBody {
  readonly verdict: 'approve' | 'deny';
  readonly revision: number;
  readonly reason?: string;
  readonly narrow?: { readonly duration?: string; readonly scopes?: readonly string[] };
}

/** A request as it was read; `etag` lets the next read wait for a change. */
export interface ReadRequest {
  readonly view: RequestView;
  readonly etag: string | undefined;
}

export interface BrokerClient {
  /** @param key makes a repeated call the same request */
  createRequest(body: CreateBody, key: string): Promise<Result<RequestView, Trouble>>;
  readRequest(id: RequestId): Promise<Result<ReadRequest, Trouble>>;
  /** Waits up to `waitSeconds` (at most 20) for something other than `etag`; undefined when nothing came. One try. */
  awaitChange(
    id: RequestId,
    etag: string | undefined,
    waitSeconds: number,
  ): Promise<Result<ReadRequest | undefined, Trouble>>;
  decide(id: RequestId, body: DecisionBody): Promise<Result<RequestView, Trouble>>;
  cancel(id: RequestId): Promise<Result<RequestView, Trouble>>;
  revoke(id: GrantId): Promise<Result<GrantView, Trouble>>;
  /** The newest requests made by or for the caller. */
  listRequests(limit: number): Promise<Result<readonly RequestView[], Trouble>>;
}

/** The REST door of one broker for one caller. "Not now" (503) is tried again twice, where repeating is harmless: everywhere. */
export function makeBrokerClient(
  settings: BrokerSettings,
  { sleep, signal }: Pick<Surroundings, 'sleep'> & { readonly signal?: AbortSignal },
): BrokerClient {
  const origin = settings.issuer;

  async function once(call: Omit<Call, 'url'>, path: string): Promise<Result<Answer, Trouble>> {
    const headers = { ...call.headers, authorization: `Bearer ${settings.token().reveal()}` };
    const given = signal === undefined ? {} : { signal };
    const answered = await send({ ...call, ...given, url: `${origin}${path}`, headers });
    if (!answered.ok) return err(unreachable(origin, answered.error));
    const { status } = answered.value;
    return status === 304 || (status >= 200 && status < 300)
      ? ok(answered.value)
      : err(troubleOf(origin, answered.value));
  }

  async function call(what: Omit<Call, 'url'>, path: string): Promise<Result<Answer, Trouble>> {
    for (let tries = 1; ; tries++) {
      const answered = await once(what, path);
      if (answered.ok || tries >= TRIES_MAX || !isOutage(answered.error)) return answered;
      await sleep(Math.min(answered.error.retryAfterSeconds ?? 1, PAUSE_SECONDS_MAX) * 1_000);
    }
  }

  const post = (path: string, body: object | undefined, headers: Readonly<Record<string, string>> = {}) =>
    call(
      body === undefined
        ? { method: 'POST', headers }
        : { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) },
      path,
    );

  const view = <T>(schema: z.ZodType<T>, answered: Result<Answer, Trouble>): Result<T, Trouble> => {
    if (!answered.ok) return answered;
    const parsed = schema.safeParse(answered.value.body);
    return parsed.success ? ok(parsed.data) : err(notSallyport(origin, answered.value));
  };

  const read = (answered: Result<Answer, Trouble>): Result<ReadRequest, Trouble> => {
    if (!answered.ok) return answered;
    const found = view(requestView, answered);
    return found.ok ? ok({ view: found.value, etag: answered.value.headers.get('etag') ?? undefined }) : found;
  };

  const at = (id: string, rest = '') => `/v1/access-requests/${encodeURIComponent(id)}${rest}`;

  return {
    createRequest: async (body, key) =>
      view(requestView, await post('/v1/access-requests', body, { 'idempotency-key': key })),
    readRequest: async (id) => read(await call({ method: 'GET' }, at(id))),
    awaitChange: async (id, etag, waitSeconds) => {
      const headers: Record<string, string> = etag === undefined ? {} : { 'if-none-match': etag };
      const answered = await once(
        { method: 'GET', headers, heldMs: waitSeconds * 1_000 },
        at(id, `?wait=${waitSeconds}`),
      );
      return answered.ok && answered.value.status === 304 ? ok(undefined) : read(answered);
    },
    decide: async (id, body) => view(requestView, await post(at(id, '/decisions'), body)),
    cancel: async (id) => view(requestView, await post(at(id, '/cancel'), undefined)),
    revoke: async (id) => view(grantView, await post(`/v1/grants/${encodeURIComponent(id)}/revoke`, undefined)),
    listRequests: async (limit) => {
      const listed = view(requestList, await call({ method: 'GET' }, `/v1/access-requests?limit=${limit}`));
      return listed.ok ? ok(listed.value.items) : listed;
    },
  };
}

function isOutage({ code, retryAfterSeconds: seconds }: Trouble): boolean {
  return seconds !== undefined && (code === 'unavailable' || code === 'not_sallyport');
}

const problemDocument = z.object({
  code: z.string().max(100),
  title: z.string().max(500),
  detail: z.string().max(2_000).optional(),
  state: z.string().max(40).optional(),
  how: z.string().max(40).optional(),
  path: z.string().max(200).optional(),
  check: z.string().max(100).optional(),
  about: z.string().max(300).optional(),
  trace_id: z.string().max(200).optional(),
});

function troubleOf(origin: string, answer: Answer): Trouble {
  const parsed = problemDocument.safeParse(answer.body);
  if (!parsed.success || answer.mediaType !== 'application/problem+json') return notSallyport(origin, answer);
  const { trace_id: traceId, ...problem } = parsed.data;
  return troubleOfProblem({
    ...problem,
    status: answer.status,
    traceId,
    retryAfterSeconds: retryAfterSeconds(answer.headers),
  });
}
