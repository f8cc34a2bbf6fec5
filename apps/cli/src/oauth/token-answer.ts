/** Owns what a token endpoint answers: a token, "wait", or why not. One reading for every grant type. */
import { err, ok, type Result } from '@sallyport/core';
import { z } from 'zod';
import { type Answer, notSallyport, retryAfterSeconds } from '../http.ts';
import { type Trouble, troubleOfOAuth } from '../trouble.ts';
import { TOKEN_TYPE } from './names.ts';

const INTERVAL_SECONDS_MAX = 300;

const anyToken = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,65536}$/),
  expires_in: z.number().min(0).optional(),
  scope: z.string().max(10_000).optional(),
  grant_id: z.string().max(200).optional(),
  request_id: z.string().max(200).optional(),
});
/** `issued_token_type` is there when the token comes of an exchange (RFC 8693 section 2.2.1). */
const accessToken = anyToken.extend({
  issued_token_type: z.literal(TOKEN_TYPE.accessToken).optional(),
  token_type: z.string().regex(/^bearer$/i),
});
/** No access token of the broker's: another system takes it, once, for what that system gives. */
const federationToken = anyToken.extend({
  issued_token_type: z.literal(TOKEN_TYPE.jwt),
  token_type: z.literal('N_A'),
});
const refused = z.object({
  error: z.string().max(100),
  error_description: z.string().max(2_000).default(''),
  interval: z.number().min(0).max(INTERVAL_SECONDS_MAX).optional(),
  request_id: z.string().max(200).optional(),
  deferral_code: z.string().max(1_000).optional(),
  expires_in: z.number().min(0).optional(),
});

export type IssuedToken = z.output<typeof accessToken> | z.output<typeof federationToken>;

/** Which kind of token was asked for. */
export type TokenKind = 'access' | 'federation';

/** What to poll with. */
export interface Handle {
  readonly code: string;
  readonly secondsLeft?: number;
}

export interface Waiting {
  /** `slow_down`: asked too soon, the interval has grown. */
  readonly kind: 'pending' | 'slow_down';
  readonly intervalSeconds?: number;
  readonly requestId?: string;
  /** Only when a new one was handed out. */
  readonly handle?: Handle;
}

export type TokenAnswer = { readonly kind: 'issued'; readonly token: IssuedToken } | Waiting;

/** Reads an answer of a token endpoint; a token of another kind is none. @param origin whose, for the message when it is not one */
export function readTokenAnswer(origin: string, answer: Answer, kind: TokenKind): Result<TokenAnswer, Trouble> {
  if (answer.status === 200) {
    const token = (kind === 'access' ? accessToken : federationToken).safeParse(answer.body);
    return token.success ? ok({ kind: 'issued', token: token.data }) : err(notSallyport(origin, answer));
  }
  const { success, data } = refused.safeParse(answer.body);
  if (success && answer.status === 400 && (data.error === 'authorization_pending' || data.error === 'slow_down')) {
    return ok(waitingOf(data.error === 'slow_down' ? 'slow_down' : 'pending', data));
  }
  return err(readRefusal(origin, answer));
}

/** Reads an answer that is no success, of any OAuth endpoint (RFC 6749 section 5.2). */
export function readRefusal(origin: string, answer: Answer): Trouble {
  const parsed = refused.safeParse(answer.body);
  if (!parsed.success || answer.status < 400) return notSallyport(origin, answer);
  const { error, error_description: description } = parsed.data;
  return troubleOfOAuth({
    status: answer.status,
    error,
    description,
    retryAfterSeconds: retryAfterSeconds(answer.headers),
  });
}

function waitingOf(kind: Waiting['kind'], body: z.output<typeof refused>): Waiting {
  const { interval, request_id: requestId, deferral_code: code, expires_in: secondsLeft } = body;
  return {
    kind,
    ...(interval === undefined ? {} : { intervalSeconds: interval }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(code === undefined ? {} : { handle: { code, ...(secondsLeft === undefined ? {} : { secondsLeft }) } }),
  };
}
