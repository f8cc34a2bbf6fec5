/** Issuers: addresses one can trust. Resources: tokens that do not live too long. */
import { type Duration, minutes } from '@sallyport/core';
import type { Path, PolicyIssue } from './issue.ts';
import type { Item, Joined } from './joined.ts';
import { lengthOf } from './to-policy.ts';

const TOKEN_TTL_ADVISED_MAX: Duration = minutes(15);

/** `allowHttp`: http on loopback addresses is fine (development). */
export function checkIssuers({ issuers }: Joined, allowHttp: boolean): readonly PolicyIssue[] {
  return issuers.flatMap((item) => [
    ...insecure(item, ['issuer'], item.value.issuer, allowHttp),
    ...insecure(item, ['jwks_uri'], item.value.jwks_uri, allowHttp),
    ...((item.value.algorithms ?? []).length > 0
      ? []
      : [item.issueAt('warning', ['algorithms'], 'no algorithm: no token of this issuer is ever accepted')]),
  ]);
}

/** Tokens that live longer than is wise. The ceilings themselves are in the schema. */
export function checkTokenLife({ resources }: Joined): readonly PolicyIssue[] {
  return resources.flatMap((item) => {
    const ttl = item.value.token?.ttl;
    if (ttl === undefined || lengthOf(ttl) <= TOKEN_TTL_ADVISED_MAX) return [];
    const message =
      'who verifies by keys alone believes a token this long after its grant was revoked; 15m or less is wise';
    return [item.issueAt('advice', ['token', 'ttl'], message)];
  });
}

function insecure<T>(item: Item<T>, at: Path, url: string | undefined, allowHttp: boolean): readonly PolicyIssue[] {
  if (url === undefined || new URL(url).protocol === 'https:') return [];
  if (allowHttp && isLoopback(new URL(url).hostname)) return [];
  const when = allowHttp ? 'http only on a loopback address' : 'https, please: http is for loopback in development';
  return [item.issueAt('error', at, when)];
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
