/** Owns the posting of forms to OAuth endpoints: client id, the length a poll may be held, and giving up on Ctrl-C. */
import { err, ok, type Result } from '@sallyport/core';
import { type Answer, send, unreachable } from '../http.ts';
import type { BrokerAddress } from '../settings.ts';
import type { Trouble } from '../trouble.ts';

/** A broker answers a poll at once when something changes, else after so long; less if it is told. */
export const HOLD_SECONDS_MAX = 20;

/** Parameters of a form; absent ones are left out. */
export type Params = Readonly<Record<string, string | undefined>>;

export interface Forms {
  readonly broker: BrokerAddress;
  /** Gives up what is under way. */
  readonly signal: AbortSignal;
  /**
   * Posts a form with our `client_id`. Any answer is a success here.
   * @param url the endpoint
   * @param holdSeconds for polls: how long the answer may be held at most (RFC 7240 `wait`)
   */
  post(url: string, params: Params, holdSeconds?: number): Promise<Result<Answer, Trouble>>;
}

/** Forms to one broker. */
export function makeForms(broker: BrokerAddress, signal: AbortSignal): Forms {
  return {
    broker,
    signal,
    post: async (url, params, holdSeconds) => {
      const answered = await send({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...preferring(holdSeconds) },
        body: new URLSearchParams([...present(params), ['client_id', broker.clientId]]).toString(),
        signal,
        ...(holdSeconds === undefined ? {} : { heldMs: HOLD_SECONDS_MAX * 1_000 }),
      });
      return answered.ok ? ok(answered.value) : err(unreachable(broker.issuer, answered.error));
    },
  };
}

function present(params: Params): [string, string][] {
  return Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined);
}

/** The broker's own longest hold needs no words. */
function preferring(holdSeconds: number | undefined): Readonly<Record<string, string>> {
  return holdSeconds === undefined || holdSeconds >= HOLD_SECONDS_MAX ? {} : { prefer: `wait=${holdSeconds}` };
}
