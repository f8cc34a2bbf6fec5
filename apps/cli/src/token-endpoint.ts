/** Owns the calls to the token endpoint: exchange and poll, and what they answer. The wire names of the deferred grant live here. */
import { err, ok, type Result } from '@sallyport/core';
import { z } from 'zod';
import { type Answer, notSallyport, retryAfterSeconds, send, unreachable } from './http.ts';
import type { BrokerSettings } from './settings.ts';
import { type Trouble, troubleOfOAuth } from './trouble.ts';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const DEFERRED = 'urn:ietf:params:oauth:grant-type:deferred';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const INTERVAL_SECONDS_MAX = 300;

export interface TokenAsk {
  readonly audience: string;
  readonly scopes?: readonly string[];
  readonly requestId?: string;
  readonly reason?: string;
  readonly duration?: string;
  /** Ask for a handle to wait with. */
  readonly deferred: boolean;
}

const issued = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,65536}$/),
  issued_token_type: z.literal(ACCESS_TOKEN),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.number().min(0).optional(),
  scope: z.string().max(10_000).optional(),
  grant_id: z.string().max(200).optional(),
  request_id: z.string().max(200).optional(),
});
const oauthError = z.object({
  error: z.string().max(100),
  error_description: z.string().max(2_000).default(''),
  interval: z.number().min(0).max(INTERVAL_SECONDS_MAX).optional(),
  request_id: z.string().max(200).optional(),
  deferral_code: z.string().max(1_000).optional(),
  expires_in: z.number().min(0).optional(),
});

export type IssuedToken = z.output<typeof issued>;

export interface Waiting {
  /** `slow_down`: asked too soon, the interval has grown. */
  readonly kind: 'pending' | 'slow_down';
  readonly intervalSeconds?: number;
  readonly requestId?: string;
  /** Only when a new one was handed out. */
  readonly handle?: { readonly code: string; readonly secondsLeft?: number };
}

export type TokenAnswer = { readonly kind: 'issued'; readonly token: IssuedToken } | Waiting;

export interface TokenEndpoint {
  /** Token exchange (RFC 8693) with the caller's token as the subject token. */
  exchange(ask: TokenAsk): Promise<Result<TokenAnswer, Trouble>>;
  /** Asks again with a handle. */
  poll(code: string): Promise<Result<TokenAnswer, Trouble>>;
}

/** The token endpoint of one broker for one caller. Never tries again by itself. */
export function makeTokenEndpoint(settings: BrokerSettings): TokenEndpoint {
  async function form(params: Readonly<Record<string, string | undefined>>): Promise<Result<TokenAnswer, Trouble>> {
    const given = Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const answered = await send({
      method: 'POST',
      url: `${settings.issuer}/oauth/token`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams([...given, ['client_id', settings.clientId]]).toString(),
    });
    return answered.ok ? judge(settings.issuer, answered.value) : err(unreachable(settings.issuer, answered.error));
  }

  return {
    exchange: ({ audience, scopes, requestId, reason, duration, deferred }) =>
      form({
        grant_type: EXCHANGE,
        subject_token: settings.token().reveal(),
        subject_token_type: JWT,
        audience,
        scope: scopes?.join(' '),
        request_id: requestId,
        reason,
        requested_duration: duration,
        completion_mode: deferred ? 'deferred' : undefined,
      }),
    poll: (code) => form({ grant_type: DEFERRED, deferral_code: code }),
  };
}

function judge(origin: string, answer: Answer): Result<TokenAnswer, Trouble> {
  if (answer.status === 200) {
    const token = issued.safeParse(answer.body);
    return token.success ? ok({ kind: 'issued', token: token.data }) : err(notSallyport(origin, answer));
  }
  const refused = oauthError.safeParse(answer.body);
  if (!refused.success) return err(notSallyport(origin, answer));
  const { error, error_description: description } = refused.data;
  if (answer.status === 400 && (error === 'authorization_pending' || error === 'slow_down')) {
    return ok(waitingOf(error === 'slow_down' ? 'slow_down' : 'pending', refused.data));
  }
  return err(
    troubleOfOAuth({ status: answer.status, error, description, retryAfterSeconds: retryAfterSeconds(answer.headers) }),
  );
}

function waitingOf(kind: Waiting['kind'], body: z.output<typeof oauthError>): Waiting {
  const { interval, request_id: requestId, deferral_code: code, expires_in: secondsLeft } = body;
  return {
    kind,
    ...(interval === undefined ? {} : { intervalSeconds: interval }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(code === undefined ? {} : { handle: { code, ...(secondsLeft === undefined ? {} : { secondsLeft }) } }),
  };
}
