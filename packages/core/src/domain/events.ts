/** What happened, in the past tense. Every change of a case is one or more of these; audit and outbox are written from them. */
import type { Access } from './access.ts';
import type { Because } from './because.ts';
import type { Grant } from './grant.ts';
import type { Digest, TokenId } from './ids.ts';
import type { Duration, Instant } from './instant.ts';
import type { PersonId, Principal } from './principal.ts';
import type { AccessRequest, Decision } from './request.ts';

export type DomainEvent =
  | { readonly type: 'request.opened'; readonly at: Instant; readonly request: AccessRequest }
  | {
      readonly type: 'request.narrowed';
      readonly at: Instant;
      readonly by: PersonId;
      readonly revision: number;
      readonly digest: Digest;
      readonly access: Access;
      readonly duration: Duration;
    }
  | { readonly type: 'decision.made'; readonly at: Instant; readonly decision: Decision }
  | { readonly type: 'request.approved'; readonly at: Instant; readonly by?: PersonId }
  | { readonly type: 'request.denied'; readonly at: Instant; readonly by: PersonId; readonly reason?: string }
  | ({ readonly type: 'request.canceled'; readonly at: Instant; readonly by: Principal } & Because)
  | { readonly type: 'request.expired'; readonly at: Instant }
  | { readonly type: 'grant.started'; readonly at: Instant; readonly grant: Grant }
  | ({ readonly type: 'grant.revoked'; readonly at: Instant; readonly by: Principal } & Because)
  | { readonly type: 'grant.expired'; readonly at: Instant }
  /** `by` a principal, or the OAuth client that revoked its own token. */
  | {
      readonly type: 'token.revoked';
      readonly at: Instant;
      readonly jti: TokenId;
      readonly by: Principal | { readonly kind: 'client'; readonly id: string };
    };

export type EventType = DomainEvent['type'];
