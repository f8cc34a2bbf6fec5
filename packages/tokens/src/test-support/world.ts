/** The world of the verifier's tests: two issuers on loopback, the example policy that trusts them, and our verifier. */
import { type Instant, type Issuer, instant, nameOf, type Policy, type SubjectVerifier } from '@sallyport/core';
import { aPolicy, changed, GITHUB, WORKFORCE } from '@sallyport/testkit/core';
import { type IssuerServer, startIssuer, type TestIssuer } from '@sallyport/testkit/issuer';
import { makeIssuerKeys } from '../issuers.ts';
import { makeSubjectVerifier } from '../subject-verifier.ts';

export const OWN_ISSUER = 'https://sallyport.acme.test';
export const CI_AUDIENCE = 'https://sallyport.acme.test';
export const PEOPLE_AUDIENCE = 'sallyport';

export interface World {
  readonly server: IssuerServer;
  readonly people: TestIssuer;
  readonly ci: TestIssuer;
  readonly policy: Policy;
  readonly verifier: SubjectVerifier;
  /** `person:…` or `workload:…`, or `refused: why`. */
  judge(token: string, policy?: Policy, now?: Instant): Promise<string>;
  close(): Promise<void>;
}

/** The policy of the contract's example, trusting the issuers of this server. */
export function policyFor(people: TestIssuer, ci: TestIssuer, change: Partial<Issuer> = {}): Policy {
  const base = aPolicy();
  const at = { [WORKFORCE]: people, [GITHUB]: ci };
  return changed(base, {
    issuers: base.issuers.map((issuer) => {
      const test = at[issuer.name];
      return test === undefined
        ? issuer
        : { ...issuer, issuer: test.url, algorithms: test.algorithms, jwksUri: test.jwksUri, ...change };
    }),
  });
}

export function now(): Instant {
  return instant(Date.now());
}

export async function startWorld(): Promise<World> {
  const server = await startIssuer({ issuers: [{ name: 'people' }, { name: 'ci', algorithm: 'RS256' }] });
  const [people, ci] = [server.issuer('people'), server.issuer('ci')];
  const policy = policyFor(people, ci);
  const verifier = makeSubjectVerifier({ keys: makeIssuerKeys({ allowHttpIssuers: true }), ownIssuer: OWN_ISSUER });
  return {
    server,
    people,
    ci,
    policy,
    verifier,
    async judge(token, by = policy, at = now()) {
      const verified = await verifier.verify(token, by, at);
      return verified.ok ? nameOf(verified.value.principal) : `refused: ${verified.error.why}`;
    },
    close: () => server.close(),
  };
}
