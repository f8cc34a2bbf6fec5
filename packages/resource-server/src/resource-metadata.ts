/** The document by which a resource says whose tokens it takes (RFC 9728 section 2). */
import { PROOF_ALGORITHMS } from './dpop-proof.ts';
import type { Settings } from './options.ts';

export interface ProtectedResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly bearer_methods_supported: readonly string[];
  readonly dpop_signing_alg_values_supported: readonly string[];
  readonly dpop_bound_access_tokens_required: boolean;
  readonly [member: string]: unknown;
}

/** `more`: what only the service knows, like `scopes_supported` or `resource_name`; it cannot change the rest. */
export function protectedResourceMetadata(
  { issuer, audience, dpop }: Pick<Settings, 'issuer' | 'audience' | 'dpop'>,
  more: Readonly<Record<string, unknown>> = {},
): ProtectedResourceMetadata {
  return {
    ...more,
    resource: audience,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: PROOF_ALGORITHMS,
    dpop_bound_access_tokens_required: dpop === 'required',
  };
}
