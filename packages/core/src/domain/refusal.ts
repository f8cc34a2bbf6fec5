/** The one list of every expected no. Each face answers it exhaustively; the code is also the problem's `code`. */

import type { IdentityProblem } from './identity.ts';
import type { RequestId } from './ids.ts';
import type { Duration, Instant } from './instant.ts';
import type { Principal } from './principal.ts';
import type { Reason } from './reason.ts';

/** How a request came to its final state. */
export interface Closing {
  readonly state: 'approved' | 'denied' | 'canceled' | 'expired';
  readonly at: Instant;
  /** Who closed it; absent when a rule or time did. */
  readonly by?: Principal;
}

export type Refusal =
  /** Not there, or not yours to see. */
  | { readonly code: 'request_unknown' }
  | ({ readonly code: 'request_closed' } & Closing)
  | { readonly code: 'stale_revision'; readonly revision: number }
  | { readonly code: 'own_request' }
  | { readonly code: 'not_an_approver' }
  /** The same verdict by the same person on the same revision. */
  | { readonly code: 'already_decided'; readonly verdict: 'approve' | 'deny'; readonly at: Instant }
  /** Approving this needs a sign-in made for it just now: there is none, it was for something else, or it is too old. */
  | {
      readonly code: 'step_up_required';
      readonly requestId: RequestId;
      readonly why: 'no_sign_in' | 'for_another' | 'not_fresh';
    }
  | { readonly code: 'identity_rejected'; readonly why: IdentityProblem }
  | { readonly code: 'policy_forbids'; readonly because: Reason }
  | { readonly code: 'nobody_can_approve'; readonly because: Reason }
  /** A member that does not parse or does not fit; `what` names it in plain words. */
  | { readonly code: 'malformed'; readonly what: string; readonly path?: string }
  | { readonly code: 'duration_too_long'; readonly max: Duration }
  | { readonly code: 'justification_too_short'; readonly minLength: number }
  | { readonly code: 'target_unknown' }
  | { readonly code: 'scope_not_covered' }
  | { readonly code: 'details_not_covered' }
  /** `why` goes to the log and the trail only. */
  | { readonly code: 'subject_token_rejected'; readonly why: string }
  | { readonly code: 'actor_token_rejected'; readonly why: string }
  | { readonly code: 'replayed' }
  | { readonly code: 'proof_rejected'; readonly why: string }
  /** A DPoP proof must come with it, and none did. */
  | { readonly code: 'proof_required' }
  /** A proof must carry a fresh nonce of ours; `nonce` is the one to use. */
  | { readonly code: 'nonce_required'; readonly nonce: string }
  /** CIBA: the hint names nobody of the directory. */
  | { readonly code: 'hint_unknown'; readonly why: string }
  /** CIBA: the hint was a token, and its time is over. */
  | { readonly code: 'hint_expired' }
  /** CIBA: a binding message that could not be shown plainly. */
  | { readonly code: 'binding_message_rejected' }
  | { readonly code: 'client_rejected'; readonly usedBasic: boolean }
  | { readonly code: 'client_not_allowed' }
  | { readonly code: 'grant_type_unknown' }
  /** Nothing asked yet, and the client did not opt in to waiting. */
  | { readonly code: 'approval_required' }
  /** Without a request: nobody has taken on yet what a device asks. */
  | { readonly code: 'approval_pending'; readonly requestId?: RequestId; readonly intervalSeconds: number }
  | { readonly code: 'polled_too_soon'; readonly requestId?: RequestId; readonly intervalSeconds: number }
  | { readonly code: 'handle_unknown' }
  | { readonly code: 'handle_expired' }
  | { readonly code: 'grant_ended'; readonly how: 'revoked' | 'over' }
  /** An idempotency key came back with another body. */
  | { readonly code: 'key_reused' }
  | { readonly code: 'too_many'; readonly retryAfterSeconds: number };

export type RefusalCode = Refusal['code'];
/** The refusal with this code. */
export type RefusalOf<C extends RefusalCode> = Extract<Refusal, { readonly code: C }>;
