/** Owns what a way of asking for a token is: how it begins, and how it is asked again. */
import type { Result } from '@sallyport/core';
import type { TokenAnswer } from '../oauth/token-answer.ts';
import type { Trouble } from '../trouble.ts';

/** What is asked for. */
export interface TokenAsk {
  readonly audience: string;
  readonly scopes?: readonly string[] | undefined;
  readonly requestId?: string | undefined;
  readonly reason?: string | undefined;
  readonly duration?: string | undefined;
  /** A federation token is wanted in the end. */
  readonly federate?: boolean | undefined;
}

export interface Way {
  /** Asks. @param requestId goes on with this request, if it is known by now */
  begin(requestId?: string): Promise<Result<TokenAnswer, Trouble>>;
  /** Asks again with a handle. @param holdSeconds how long the answer may be held */
  poll(code: string, holdSeconds: number): Promise<Result<TokenAnswer, Trouble>>;
  /** What is waited for until there is a request; approval unless said otherwise. */
  readonly opening?: string;
  /** Whether beginning again joins what is pending, so that a handle that ran out can be replaced. */
  readonly joins: boolean;
  /** What a handle of it is called at revocation, if that has a name. */
  readonly handleType?: string;
}
