/** A fetch that reaches one issuer only: the same addresses as its keys, without redirects, bounded in time and size; for who speaks OAuth to it. */
import type { IncomingMessage } from 'node:http';
import type { Issuer } from '@sallyport/core';
import { withDeadline } from '@sallyport/platform';
import {
  type Outgoing,
  pinnedRequest,
  type RequestDeps,
  type Resolve,
  readBounded,
  resolveBySystem,
} from './pinned-request.ts';

export type IssuerFetch = (
  issuer: Pick<Issuer, 'allowPrivateAddress'>,
  url: string,
  request: Outgoing,
) => Promise<Response>;

/** The issuer could not be asked, or its answer not be taken: an outage of theirs. `problem` is for the log. */
export class IssuerUnreachable extends Error {
  readonly problem: string;
  constructor(problem: string) {
    super(`an issuer could not be asked: ${problem}`);
    this.name = 'IssuerUnreachable';
    this.problem = problem;
  }
}

export interface IssuerFetchDeps {
  /** SALLYPORT_ALLOW_HTTP_ISSUERS: http and loopback addresses are fine (development). */
  readonly allowLoopback: boolean;
  readonly resolve?: Resolve;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;
/** Statuses a Response takes no body with. */
const BODILESS = new Set([204, 205, 304]);

/** Builds it. What it throws is always IssuerUnreachable. */
export function makeIssuerFetch({
  allowLoopback,
  resolve = resolveBySystem,
  timeoutMs = TIMEOUT_MS,
}: IssuerFetchDeps): IssuerFetch {
  return async ({ allowPrivateAddress = false }, url, request) => {
    const reach = { loopback: allowLoopback, private: allowPrivateAddress };
    const deps = { resolve, reach, signal: AbortSignal.timeout(timeoutMs) };
    return withDeadline(ask(url, request, deps), timeoutMs, 'an issuer').catch((thrown: unknown) => {
      throw thrown instanceof IssuerUnreachable ? thrown : new IssuerUnreachable('unreachable');
    });
  };
}

async function ask(url: string, request: Outgoing, deps: RequestDeps): Promise<Response> {
  const response = await pinnedRequest(url, request, deps);
  if (!response.ok) throw new IssuerUnreachable(response.error);
  const text = await readBounded(response.value);
  if (text === undefined) throw new IssuerUnreachable('too_large');
  return toResponse(response.value, text);
}

function toResponse({ statusCode: status = 500, headers }: IncomingMessage, text: string): Response {
  const kept = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    [value ?? []].flat().map((one) => [name, one]),
  );
  return new Response(BODILESS.has(status) ? null : text, { status, headers: kept });
}
