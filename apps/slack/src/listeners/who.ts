/** Owns the first question of every listener: who is this; a no is said and goes into the trail. */
import type { PersonId, RequestId } from '@sallyport/core';
import { type Desk, note } from '../desk.ts';
import type { Actor, IdentifyHow } from '../identity.ts';
import type { Speak } from '../speak.ts';
import { sayWhoNot } from './connect.ts';

/** The person, or undefined after they were told why not. */
export async function personOrTell(
  desk: Desk,
  actor: Actor,
  how: IdentifyHow & { readonly attempted: string; readonly requestId?: RequestId },
  speak: Speak,
): Promise<PersonId | undefined> {
  const found = await desk.identities.identify(actor, how);
  if (found.ok) return found.value.person;
  await note(desk, found.error, actor, how);
  await sayWhoNot(desk, found.error, actor, speak);
  return undefined;
}
