/** The answer to a call that is denied: status, standard error code, challenges (RFC 6750 section 3, RFC 9449 section 7.1). */
import type { Scheme } from './credentials.ts';
import { PROOF_ALGORITHMS } from './dpop-proof.ts';
import type { Settings } from './options.ts';
import type { Because, ChallengeError, Denied } from './verdict.ts';

/** What a challenge may say. */
export interface Context {
  /** The scheme that was used, which gets the error. */
  readonly scheme?: Scheme | undefined;
  /** Scopes that would do. */
  readonly scopes: readonly string[];
}

const RETRY_AFTER_SECONDS = '5';

const ANSWERS = {
  no_token: [401, undefined],
  malformed_authorization: [400, 'invalid_request'],
  token_rejected: [401, 'invalid_token'],
  token_expired: [401, 'invalid_token'],
  bound_token_as_bearer: [401, 'invalid_token'],
  unbound_token_as_dpop: [401, 'invalid_token'],
  dpop_required: [401, 'invalid_token'],
  proof_missing: [401, 'invalid_dpop_proof'],
  proof_rejected: [401, 'invalid_dpop_proof'],
  proof_replayed: [401, 'invalid_dpop_proof'],
  other_key: [401, 'invalid_token'],
  revoked: [401, 'invalid_token'],
  inactive: [401, 'invalid_token'],
  scope_missing: [403, 'insufficient_scope'],
  details_missing: [403, 'insufficient_scope'],
  keys_unavailable: [503, undefined],
  revocations_unknown: [503, undefined],
  introspection_unavailable: [503, undefined],
} as const satisfies Record<Because, readonly [Denied['status'], ChallengeError | undefined]>;

export type Deny = (because: Because, context: Context) => Denied;

/** Two tokens that are refused for different reasons get the same answer, unless the standard has two codes for them. */
export function makeDeny({ dpop, audience, metadataUrl }: Pick<Settings, 'dpop' | 'audience' | 'metadataUrl'>): Deny {
  const schemes: readonly Scheme[] = dpop === 'required' ? ['DPoP'] : ['Bearer', 'DPoP'];
  const about = [['realm', audience], ...(metadataUrl === undefined ? [] : [['resource_metadata', metadataUrl]])];

  function challenges(error: ChallengeError | undefined, { scheme, scopes }: Context): string {
    const blamed = scheme !== undefined && schemes.includes(scheme) ? scheme : schemes[0];
    return schemes
      .map((one) => {
        const params = [
          ...about,
          ...(error !== undefined && one === blamed ? [['error', error]] : []),
          ...(scopes.length > 0 ? [['scope', scopes.join(' ')]] : []),
          ...(one === 'DPoP' ? [['algs', PROOF_ALGORITHMS.join(' ')]] : []),
        ];
        return `${one} ${params.map(([name, value]) => `${name}="${value}"`).join(', ')}`;
      })
      .join(', ');
  }

  return (because, context) => {
    const [status, error] = ANSWERS[because];
    const told =
      status === 503 ? { 'retry-after': RETRY_AFTER_SECONDS } : { 'www-authenticate': challenges(error, context) };
    return { ok: false, status, error, because, headers: { 'cache-control': 'no-store', ...told } };
  };
}
