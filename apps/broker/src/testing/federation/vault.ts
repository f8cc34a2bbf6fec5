/** The login of Vault's JWT auth method, by its documentation and that of hashicorp/cap: configuration, role, leeways. */
import { z } from 'zod';
import { audiencesOf, type Claims, type Published, rule, verified } from './published.ts';

/** `auth/…/config` */
export interface VaultConfig {
  readonly oidc_discovery_url: string;
  readonly bound_issuer: string;
  readonly jwt_supported_algs: readonly string[];
}

/** `auth/…/role/…`; members the recipe does not use are refused, as this does not evaluate them. */
export const vaultRole = z.strictObject({
  role_type: z.literal('jwt'),
  bound_audiences: z.array(z.string()),
  bound_claims: z.record(z.string(), z.string()).default({}),
  user_claim: z.string(),
  claim_mappings: z.record(z.string(), z.string()).default({}),
  clock_skew_leeway: z.number().default(0),
  token_policies: z.array(z.string()).min(1),
  token_type: z.literal('service'),
  token_ttl: z.string(),
  token_explicit_max_ttl: z.string(),
});
export type VaultRole = z.output<typeof vaultRole>;

export interface VaultLogin {
  /** The name of the entity's alias. */
  readonly alias: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** In place of 0. */
const SKEW_SECONDS_DEFAULT = 60;

/** Throws Broken when Vault would refuse. */
export async function loginAtVault(
  config: VaultConfig,
  role: VaultRole,
  published: Published,
  token: string,
  nowSeconds: number,
): Promise<VaultLogin> {
  rule(published.discovery.issuer === config.oidc_discovery_url, 'the metadata is of the discovery URL');
  const { claims } = await verified(token, published, config.jwt_supported_algs);
  rule(claims.iss === config.bound_issuer, 'iss is bound_issuer');
  // Without bound_audiences a token that has an audience is refused.
  rule(
    audiencesOf(claims).some((aud) => role.bound_audiences.includes(aud)),
    'aud is in bound_audiences',
  );
  assertTimes(claims, skewOf(role), nowSeconds);
  const alias = claims[role.user_claim];
  rule(typeof alias === 'string' && alias !== '', 'user_claim is a text');
  for (const [name, wanted] of Object.entries(role.bound_claims)) rule(claims[name] === wanted, `${name} is ${wanted}`);
  return { alias, metadata: metadataOf(claims, role) };
}

/** 0 is the default, below 0 none. */
function skewOf({ clock_skew_leeway: seconds }: VaultRole): number {
  return seconds === 0 ? SKEW_SECONDS_DEFAULT : Math.max(0, seconds);
}

/** `expiration_leeway` and `not_before_leeway` only stand in for times that are not there. */
function assertTimes({ exp, nbf, iat }: Claims, skew: number, now: number): void {
  rule(nbf !== undefined && iat !== undefined, 'no time is made up');
  rule(now + skew >= nbf, 'nbf has come');
  rule(now - skew <= exp, 'exp has not passed');
  rule(now + skew >= iat, 'iat has come');
}

function metadataOf(claims: Claims, { claim_mappings: mappings }: VaultRole): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(mappings).map(([name, key]) => {
      const value = claims[name];
      rule(typeof value === 'string', `${name} is there, and a text`);
      return [key, value];
    }),
  );
}
