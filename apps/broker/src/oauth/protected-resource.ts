/** What the REST API says of itself as a protected resource (RFC 9728): whose tokens it takes, and how they are shown. */
import type { Policy } from '@sallyport/core';

/** Section 3.1: the well-known name stands before the path of the resource. */
export const PROTECTED_RESOURCE_PATH = '/.well-known/oauth-protected-resource/v1';

/**
 * The document. Tokens of people come from the workforce issuers, which is where a client can go and get one. The issuers of
 * pipelines are left out (section 2 allows it): a job has its token already, and which platforms are trusted is nobody's business.
 */
export function protectedResource(issuer: string, { issuers }: Policy): object {
  const people = issuers.filter(({ enabled, kind }) => enabled && kind === 'workforce').map((one) => one.issuer);
  const distinct = [...new Set(people)].sort();
  return {
    resource: `${issuer}/v1`,
    ...(distinct.length > 0 ? { authorization_servers: distinct } : {}),
    bearer_methods_supported: ['header'],
    resource_name: 'Sallyport',
    resource_documentation: `${issuer}/docs`,
  };
}

/** How every 401 of the REST API challenges (section 5.1). */
export function bearerChallenge(issuer: string): string {
  return `Bearer resource_metadata="${issuer}${PROTECTED_RESOURCE_PATH}"`;
}
