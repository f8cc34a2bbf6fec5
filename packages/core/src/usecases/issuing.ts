/** Issuing: the steps every token passes, whatever brought the client here: decide, sign outside the transaction, record, only then answer. */
import type { Extent } from '../domain/access.ts';
import type { AccessCase } from '../domain/case.ts';
import type { GrantId } from '../domain/ids.ts';
import type { Instant } from '../domain/instant.ts';
import { issue, isTokenLive, type TokenFacts, type TokenShape } from '../domain/issuance.ts';
import { type EarlierUse, repeatOf } from '../domain/lost-answer.ts';
import { type ClientId, resourceById, roleOf } from '../domain/policy.ts';
import type { Principal } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Attribution } from '../ports/attribution.ts';
import type { Chance } from '../ports/chance.ts';
import type { Issuances } from '../ports/issuances.ts';
import type { Seen } from '../ports/ledger.ts';
import type { StatusBits } from '../ports/statuses.ts';
import type { Signer } from '../ports/tokens.ts';

export interface IssuingDeps {
  readonly issuances: Issuances;
  readonly signer: Signer;
  readonly statuses: StatusBits;
  readonly chance: Chance;
}

export interface IssuingAsk {
  readonly clientId: ClientId;
  readonly subject: Principal;
  readonly extent: Extent;
  readonly shape: TokenShape;
  /** What gives one token: keys of a single-use subject token or a handle. The grant's own, if one-shot, is added here. */
  readonly uses: readonly string[];
  readonly fingerprint: string;
  readonly by: Attribution;
}

export interface Issued {
  readonly kind: 'issued';
  /** The signed token; leaves the process only in the answer. */
  readonly token: string;
  readonly facts: TokenFacts;
}

export type Issuing =
  | Issued
  /** The grant changed between read and record: read again. */
  | { readonly kind: 'again' }
  /** The grant has no token left to give. */
  | { readonly kind: 'spent' }
  | { readonly kind: 'used'; readonly key: string; readonly earlier: EarlierUse };

/** Issues one token from a case as it was seen, or says why to look again. Refusals: those of `issue`. */
export async function issueFrom(
  deps: IssuingDeps,
  from: Seen<AccessCase>,
  ask: IssuingAsk,
): Promise<Result<Issuing, Refusal>> {
  const { clientId, subject, extent, shape } = ask;
  const issued = issue(from.value, { jti: deps.chance.tokenId(), clientId, subject, ...extent, shape }, from.at);
  if (!issued.ok) return issued;
  if (!deps.signer.canSign(issued.value)) return err(NO_KEY);
  const facts = await withStatus(deps, issued.value);
  const token = await deps.signer.sign(facts);
  const usesMax = usesMaxOf(from);
  const uses = usesMax === 1 ? [...ask.uses, grantUse(facts.grantId)] : ask.uses;
  const bound = usesMax === undefined ? {} : { usesMax };
  const recorded = await deps.issuances.record({
    token: facts,
    from,
    uses,
    ...bound,
    fingerprint: ask.fingerprint,
    by: ask.by,
  });
  switch (recorded.kind) {
    case 'recorded':
      return ok({ kind: 'issued', token, facts });
    case 'no_longer_live':
      return ok({ kind: 'again' });
    case 'spent':
    case 'used':
      return ok(recorded);
  }
}

/** An access token gets its bit in the status lists; nobody would look there for another. */
async function withStatus({ statuses }: IssuingDeps, facts: TokenFacts): Promise<TokenFacts> {
  return facts.federation === undefined ? { ...facts, status: await statuses.take() } : facts;
}

/** The lost answer: the earlier token once more, if this is the same exchange, soon enough, and it is still good. Else `spent`. */
export async function repeatIssued(
  deps: IssuingDeps,
  earlier: EarlierUse,
  fingerprint: string,
  now: Instant,
  spent: Refusal,
): Promise<Result<Issued, Refusal>> {
  const repeat = repeatOf(earlier, fingerprint, now, spent);
  if (!repeat.ok) return repeat;
  const known = await deps.issuances.find(repeat.value.jti);
  if (known === undefined) throw new Error('a use names a token that has no row');
  const { token, revoked, case: c } = known.value;
  if (!isTokenLive({ ...token, revoked }, c, known.at)) return err({ code: 'grant_ended', how: endedHow(c, revoked) });
  return ok({ kind: 'issued', token: await deps.signer.sign(token), facts: token });
}

/** Federation tokens are RS256; a house without such a key gives none. */
const NO_KEY: Refusal = { code: 'malformed', what: 'this server has no key for the requested token type' };

/** What a one-shot grant uses up. */
export function grantUse(id: GrantId): string {
  return `grant:${id}`;
}

function endedHow(c: AccessCase, revoked: boolean): 'revoked' | 'over' {
  return revoked || c.grant?.status.state === 'revoked' ? 'revoked' : 'over';
}

/** What was frozen when the grant began, or less, if the role allows less now. */
function usesMaxOf({ value, at }: Seen<AccessCase>): number | undefined {
  const resource = resourceById(at.policy, value.request.access.resource);
  const now = resource === undefined ? undefined : roleOf(resource, value.request.access.role)?.maxUses;
  const bounds = [now, value.grant?.usesMax].filter((bound) => bound !== undefined);
  return bounds.length === 0 ? undefined : Math.min(...bounds);
}
