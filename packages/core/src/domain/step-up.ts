/** Step-up: where the policy asks for it an approval counts only with a fresh sign-in, made for exactly what is approved. Pure. */
import { ruleFor } from './evaluate.ts';
import type { Digest, RequestId } from './ids.ts';
import { after, type Duration, type Instant, minutes, seconds } from './instant.ts';
import { type Policy, resourceById } from './policy.ts';
import type { PersonId } from './principal.ts';
import type { RefusalOf } from './refusal.ts';
import type { AccessRequest } from './request.ts';
import { err, ok, type Result } from './result.ts';

/** How long after it somebody signed in their sign-in may still confirm an approval. */
export const STEP_UP_LIFE: Duration = minutes(5);
/** How far the issuer's clock may be ahead of ours. */
const CLOCKS_APART = seconds(30);

/** Who signed in anew, when, and for which approval they did it. */
export interface SignInFacts {
  readonly person: PersonId;
  readonly request: RequestId;
  /** Of what is approved: the next revision where it is approved for less. */
  readonly revision: number;
  readonly digest: Digest;
  /** When the issuer says that they authenticated. */
  readonly authenticatedAt: Instant;
}

declare const proven: unique symbol;
/** A proof. Only the broker's pages make one, after the issuer's word; a law test keeps it so. */
export type FreshSignIn = SignInFacts & { readonly [proven]: true };

/** Says that these facts were proven to the caller. */
export function freshSignIn(facts: SignInFacts): FreshSignIn {
  return facts as FreshSignIn;
}

/**
 * Whether approving this request needs a fresh sign-in by the policy in force: its resource asks for it, or the rule
 * that would judge it now, or the one that judged it when it opened.
 */
export function asksStepUp(
  policy: Policy,
  { subject, access, ruleId }: Pick<AccessRequest, 'subject' | 'access' | 'ruleId'>,
): boolean {
  const rules = [ruleFor(policy, subject, access.resource, access.role), policy.rules.find((one) => one.id === ruleId)];
  return resourceById(policy, access.resource)?.stepUp === true || rules.some((rule) => rule?.stepUp === true);
}

/** Whether a sign-in confirms this person's approval of this ask at this moment; if so, when they authenticated. Refusal: step_up_required. */
export function confirmedBy(
  signIn: FreshSignIn | undefined,
  person: PersonId,
  approved: Pick<AccessRequest, 'id' | 'revision' | 'digest'>,
  now: Instant,
): Result<Instant, RefusalOf<'step_up_required'>> {
  const no = (why: RefusalOf<'step_up_required'>['why']) =>
    err({ code: 'step_up_required', requestId: approved.id, why } as const);
  if (signIn === undefined) return no('no_sign_in');
  const isFor =
    signIn.person === person &&
    signIn.request === approved.id &&
    signIn.revision === approved.revision &&
    signIn.digest === approved.digest;
  if (!isFor) return no('for_another');
  const { authenticatedAt } = signIn;
  const isFresh = now < after(authenticatedAt, STEP_UP_LIFE) && authenticatedAt <= after(now, CLOCKS_APART);
  return isFresh ? ok(authenticatedAt) : no('not_fresh');
}
