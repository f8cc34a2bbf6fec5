/** Owns what the trail keeps of a refusal: its code, and why as far as that is a code or an id of ours. */
import { firstUnmet, type Refusal } from '@sallyport/core';
import { hashedText } from './hashed-text.ts';
import type { LeafDraft } from './leaf.ts';

type RefusalFacts = Pick<LeafDraft, 'reasonCode' | 'why' | 'verdict' | 'revision' | 'newState'>;

/** Our own reasons are short words; anything else is kept as a hash. */
const CODE_LIKE = /^[A-Za-z0-9_.:#/@+ -]{1,160}$/;

/** The members of an audit row that a refusal fills. */
export function refusalFacts(refusal: Refusal): RefusalFacts {
  const code: RefusalFacts = { reasonCode: refusal.code };
  switch (refusal.code) {
    case 'request_closed':
      return { ...code, newState: refusal.state };
    case 'stale_revision':
      return { ...code, revision: refusal.revision };
    case 'already_decided':
      return { ...code, verdict: refusal.verdict };
    case 'policy_forbids':
    case 'nobody_can_approve': {
      const unmet = firstUnmet(refusal.because);
      return unmet === undefined
        ? code
        : { ...code, why: codeOnly([unmet.check, unmet.about].filter(Boolean).join(' ')) };
    }
    case 'identity_rejected':
    case 'subject_token_rejected':
    case 'actor_token_rejected':
    case 'proof_rejected':
    case 'step_up_required':
      return { ...code, why: codeOnly(refusal.why) };
    case 'malformed':
      return refusal.path === undefined ? code : { ...code, why: codeOnly(refusal.path) };
    case 'grant_ended':
      return { ...code, why: refusal.how };
    default:
      return code;
  }
}

function codeOnly(why: string): string {
  return CODE_LIKE.test(why) ? why : hashedText(why);
}
