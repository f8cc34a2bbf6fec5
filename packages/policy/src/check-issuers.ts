/** Issuers: addresses one can trust. Resources: tokens that do not live too long. */
import { type Duration, minutes, PRESETS, presetOf } from '@sallyport/core';
import type { Path, PolicyIssue } from './issue.ts';
import type { Item, Joined } from './joined.ts';
import { lengthOf } from './to-policy.ts';

type IssuerItem = Joined['issuers'][number];

const TOKEN_TTL_ADVISED_MAX: Duration = minutes(15);

/** `allowHttp`: http on loopback addresses is fine (development). */
export function checkIssuers({ issuers }: Joined, allowHttp: boolean): readonly PolicyIssue[] {
  return issuers.flatMap((item) => [
    ...insecure(item, ['issuer'], item.value.issuer, allowHttp),
    ...insecure(item, ['jwks_uri'], item.value.jwks_uri, allowHttp),
    ...((item.value.algorithms ?? []).length > 0
      ? []
      : [item.issueAt('warning', ['algorithms'], 'no algorithm: no token of this issuer is ever accepted')]),
    ...kindFits(item),
    ...presetFits(item),
    ...audienceIsOurs(item),
    ...privateAddress(item),
  ]);
}

/** A pipeline that counts as a person could approve. */
function kindFits(item: IssuerItem): readonly PolicyIssue[] {
  const preset = presetOf(item.value.issuer);
  if (item.value.kind === 'workload' || preset === 'generic') return [];
  return [item.issueAt('error', ['kind'], `${preset} gives tokens to workloads: as people they could approve`)];
}

function presetFits(item: IssuerItem): readonly PolicyIssue[] {
  const { kind, issuer, preset } = item.value;
  if (preset === undefined) return [];
  if (kind === 'workforce') {
    return preset === 'generic' ? [] : [item.issueAt('warning', ['preset'], 'presets are for issuers of workloads')];
  }
  const known = presetOf(issuer);
  if (known === 'generic' || known === preset) return [];
  return [item.issueAt('advice', ['preset'], `this is ${known}, whose rules are then not applied; leave preset out`)];
}

/** GitLab's usual audience is the issuer itself, so that goes for all. */
function audienceIsOurs(item: IssuerItem): readonly PolicyIssue[] {
  const { issuer, audience, preset } = item.value;
  const usual = PRESETS[preset ?? presetOf(issuer)].usualAudience;
  if (audience !== issuer && usual?.test(audience) !== true) return [];
  const message =
    'tokens for other services have this audience, too: choose one of your own, such as the URL of Sallyport';
  return [item.issueAt('advice', ['audience'], message)];
}

function privateAddress(item: IssuerItem): readonly PolicyIssue[] {
  if (item.value.allow_private_address !== true) return [];
  const message = 'its keys may come from inside your network: only for an issuer that has no public address';
  return [item.issueAt('advice', ['allow_private_address'], message)];
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
