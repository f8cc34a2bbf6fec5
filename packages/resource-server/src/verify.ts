/** Judges one call, in a fixed order: what is shown, the token, its binding, its standing, what it is good for. */
import type { OpenAccessToken } from './access-token.ts';
import type { Deny } from './challenge.ts';
import { type TokenClaims, verifiedFrom } from './claims.ts';
import { type Credentials, credentialsOf, type IncomingCall } from './credentials.ts';
import type { ProofCheck } from './dpop-proof.ts';
import type { Introspect } from './introspection.ts';
import type { Need } from './need.ts';
import type { Settings } from './options.ts';
import { Outage } from './outage.ts';
import { urlOf } from './public-url.ts';
import type { RevocationSource } from './revocations/revocation-source.ts';
import type { Because, Denied, Verified } from './verdict.ts';

export type Verify = (call: IncomingCall, need?: Need) => Promise<Verified | Denied>;

export interface VerifyDeps {
  readonly settings: Pick<Settings, 'publicUrl' | 'dpop' | 'introspection' | 'whenInDoubt'>;
  readonly openAccessToken: OpenAccessToken;
  readonly proofs: ProofCheck;
  readonly revocations: RevocationSource;
  readonly introspect: Introspect | undefined;
  readonly deny: Deny;
}

type Shown = Extract<Credentials, { kind: 'token' }>;

/** Never throws for anything a caller sends. What throws: a `publicUrl` or `details` of yours, and bugs. */
export function makeVerify(deps: VerifyDeps): Verify {
  const { settings, openAccessToken, proofs, revocations, introspect, deny } = deps;

  return async (call, need = { scopes: [] }) => {
    const { scopes } = need;
    const credentials = credentialsOf(call);
    if (credentials.kind === 'none') return deny('no_token', { scopes });
    const { scheme } = credentials;
    const context = { scheme, scopes };
    if (credentials.kind === 'malformed') return deny('malformed_authorization', context);
    const verdict = await judge(call, credentials, need);
    return typeof verdict === 'string' ? deny(verdict, context) : verifiedFrom(verdict);
  };

  async function judge(call: IncomingCall, shown: Shown, need: Need): Promise<TokenClaims | Because> {
    try {
      const claims = await openAccessToken(shown.token);
      if (typeof claims === 'string') return claims === 'expired' ? 'token_expired' : 'token_rejected';
      return (
        (await bindingProblem(call, shown, claims)) ??
        (await standingProblem(shown.token, claims)) ??
        needProblem(claims, need) ??
        claims
      );
    } catch (problem) {
      if (problem instanceof Outage) return problem.because;
      throw problem;
    }
  }

  /** A bound token only under DPoP with a proof by its key, and nothing else under DPoP. */
  async function bindingProblem(call: IncomingCall, shown: Shown, { jkt }: TokenClaims): Promise<Because | undefined> {
    if (shown.scheme === 'Bearer') {
      if (jkt !== undefined) return 'bound_token_as_bearer';
      return settings.dpop === 'required' ? 'dpop_required' : undefined;
    }
    if (jkt === undefined) return 'unbound_token_as_dpop';
    const about = { method: call.method ?? '', url: urlOf(settings.publicUrl, call), token: shown.token, jkt };
    const result = await proofs.check(shown.proofs, about);
    return result === 'proven' ? undefined : result;
  }

  /** Revoked, or nobody can say; `on-doubt` asks the issuer only then. */
  async function standingProblem(token: string, claims: TokenClaims): Promise<Because | undefined> {
    const standing = await revocations.standingOf(claims);
    if (standing === 'revoked') return 'revoked';
    const isInDoubt = standing === 'unknown';
    if (introspect !== undefined && (isInDoubt || settings.introspection === 'always'))
      return (await introspect(token, claims)) ? undefined : 'inactive';
    return isInDoubt && settings.whenInDoubt === 'closed' ? 'revocations_unknown' : undefined;
  }
}

function needProblem(claims: TokenClaims, { scopes, details }: Need): Because | undefined {
  if (!scopes.every((scope) => claims.scopes.includes(scope))) return 'scope_missing';
  return details === undefined || details(claims.details) === true ? undefined : 'details_missing';
}
