/** What stands behind the page of a request: the case as it was read, who reads it, what they may do with it, and what they are about to approve. */
import {
  type AccessCase,
  type AccessRequest,
  asksStepUp,
  closingOf,
  confirmedBy,
  type Decision,
  type DigestOf,
  decisionsInForce,
  grantStateAt,
  type Instant,
  isOwn,
  type Moment,
  narrowedAsk,
  type Refusal,
  type Result,
  reachesAny,
  reachOf,
  type Seen,
  samePrincipal,
  stillAllowed,
} from '@sallyport/core';
import { problemOf } from '../../api/problem.ts';
import type { SignedIn } from '../session.ts';
import { type Less, narrowingOf } from './less.ts';
import { signInOf } from './step-up.ts';

export interface SeenRequest {
  readonly who: SignedIn;
  readonly case: AccessCase;
  readonly at: Moment;
  readonly may: Abilities;
  /** What is left, where they chose to approve for less and it is less; else what is wrong with the choice. */
  readonly less?: Less;
  readonly lessProblem?: string;
  /** The ask as they would approve it: the case's own, or what is left of it. */
  readonly approving: AccessRequest;
  /** Approving needs a fresh sign-in; `signedInAt`: they have made it for this. */
  readonly stepUp?: { readonly signedInAt?: Instant };
}

/** What is offered to a reader. Whether it is done is decided by the use cases, under the lock. */
export interface Abilities {
  readonly decide: boolean;
  /** Their approval that counts already. */
  readonly given?: Decision;
  /** It was allowed when it was asked, and is not any more: only turning it down is left. */
  readonly forbidden: boolean;
  readonly cancel: boolean;
  readonly end: boolean;
}

const NOTHING_LEFT = 'Leave at least one scope.';
const ALL_OF_IT = 'That is all of it. Choose less, or approve it as it is.';

/** Puts it together. */
export function seenRequest(
  { value: c, at }: Seen<AccessCase>,
  who: SignedIn,
  wish: Less | undefined,
  digestOf: DigestOf,
): SeenRequest {
  const chosen = chosenOf(c.request, wish, digestOf);
  const { approving } = chosen;
  return {
    who,
    case: c,
    at,
    may: abilitiesOf(c, at, who),
    ...chosen,
    ...(asksStepUp(at.policy, approving) ? { stepUp: stepUpOf(who, approving, at.now) } : {}),
  };
}

function chosenOf(
  request: AccessRequest,
  wish: Less | undefined,
  digestOf: DigestOf,
): Pick<SeenRequest, 'approving' | 'less' | 'lessProblem'> {
  if (wish === undefined) return { approving: request };
  if (wish.keep?.length === 0) return { approving: request, lessProblem: NOTHING_LEFT };
  const narrowed: Result<AccessRequest, Refusal> = narrowedAsk(request, narrowingOf(wish, request), digestOf);
  if (!narrowed.ok) {
    const { title, detail = title } = problemOf(narrowed.error);
    return { approving: request, lessProblem: detail };
  }
  if (narrowed.value.revision === request.revision) return { approving: request, lessProblem: ALL_OF_IT };
  return { approving: narrowed.value, less: wish };
}

function stepUpOf(who: SignedIn, approving: AccessRequest, now: Instant): NonNullable<SeenRequest['stepUp']> {
  const confirmed = confirmedBy(signInOf(who), who.person.id, approving, now);
  return confirmed.ok ? { signedInAt: confirmed.value } : {};
}

function abilitiesOf(c: AccessCase, at: Moment, { person }: SignedIn): Abilities {
  const { request, grant } = c;
  const open = closingOf(request, at.now) === undefined;
  const decides = !isOwn(request, person.id) && reachesAny(reachOf(at, request, request.lines, person.id));
  const given = decisionsInForce(c).find((one) => one.person === person.id && one.verdict === 'approve');
  return {
    decide: open && decides,
    ...(given === undefined ? {} : { given }),
    forbidden: open && !stillAllowed(at.policy, request).ok,
    cancel: open && samePrincipal(request.requester, person),
    end: grant !== undefined && grantStateAt(grant, at.now) === 'active',
  };
}
