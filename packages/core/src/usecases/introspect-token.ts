/** introspectToken: RFC 7662. Starts from inactive and returns early at each doubt; one uncached read. */
import type { TokenFacts } from '../domain/issuance.ts';
import { isTokenLive } from '../domain/issuance.ts';
import { type Client, clientById } from '../domain/policy.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Clock } from '../ports/chance.ts';
import type { Issuances } from '../ports/issuances.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { OwnVerifier } from '../ports/tokens.ts';

export interface IntrospectDeps {
  readonly issuances: Issuances;
  readonly ledger: Ledger;
  readonly ownVerifier: OwnVerifier;
  readonly clock: Clock;
}

export type Introspection = { readonly active: false } | { readonly active: true; readonly facts: TokenFacts };
export type IntrospectToken = (client: Client, token: string, by: Attribution) => Promise<Introspection>;

const INACTIVE: Introspection = { active: false };

/** Builds the use case. Never explains; asking about a resource that is not the caller's is noted in the trail. */
export function makeIntrospectToken(deps: IntrospectDeps): IntrospectToken {
  return async (client, token, by) => {
    const jti = await deps.ownVerifier.verify(token, deps.clock.now());
    if (jti === undefined) return INACTIVE;
    const seen = await deps.issuances.find(jti);
    if (seen === undefined) return INACTIVE;
    const { token: facts, revoked, case: c } = seen.value;
    const caller = clientById(seen.at.policy, client.id);
    if (caller === undefined || !caller.introspect.includes(c.request.access.resource)) {
      const attempt = {
        refusal: { code: 'client_not_allowed' },
        attempted: 'introspect',
        grantId: facts.grantId,
      } as const;
      await deps.ledger.note({ ...attempt, by: { ...by, clientId: client.id } });
      return INACTIVE;
    }
    return isTokenLive({ ...facts, revoked }, c, seen.at) ? { active: true, facts } : INACTIVE;
  };
}
