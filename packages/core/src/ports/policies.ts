/** Policies: the version in force. */
import type { Policy } from '../domain/policy.ts';

export interface Policies {
  /** The policy in force, from memory, at most 5 s old. What is decided is judged again by the version its transaction reads. Throws while none is. */
  inForce(): Policy;
}
