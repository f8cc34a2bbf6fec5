/** Owns where the broker's own page of a request is: the same decision, without Slack. */
import { loginIssuer, type Policy, type RequestId } from '@sallyport/core';

/** The address of its page; undefined where the policy says nowhere that people sign in. */
export type PageOf = (policy: Policy, request: RequestId) => string | undefined;

/** For a broker at this address. */
export function makePageOf(issuer: string): PageOf {
  return (policy, request) =>
    loginIssuer(policy) === undefined ? undefined : `${issuer.replace(/\/$/, '')}/requests/${request}`;
}
