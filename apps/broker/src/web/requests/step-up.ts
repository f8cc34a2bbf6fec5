/** The one place where a fresh sign-in becomes the proof that confirms an approval: from the issuer's word in the sealed session. */
import { type FreshSignIn, freshSignIn } from '@sallyport/core';
import type { SignedIn } from '../session.ts';

/** The proof in a session, if it began with a sign-in for an approval and the issuer said when they authenticated. */
export function signInOf({ session, person }: SignedIn): FreshSignIn | undefined {
  const { purpose, authenticatedAt } = session;
  if (purpose === undefined || authenticatedAt === undefined) return undefined;
  return freshSignIn({ person: person.id, ...purpose, authenticatedAt });
}
