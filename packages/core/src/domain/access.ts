/** Access: what is asked for and given: a resource, a role of it, scopes of that role, and details, if any. */
import { coversDetails, type Detail } from './details.ts';

export type ResourceId = string & { readonly __resource: true };
export type RoleId = string & { readonly __role: true };
export type Scope = string & { readonly __scope: true };

export interface Access {
  readonly resource: ResourceId;
  readonly role: RoleId;
  /** The resource's audience, an absolute URI: the one `aud` of every token. */
  readonly audience: string;
  /** Sorted, distinct, never empty. */
  readonly scopes: readonly Scope[];
  /** Sorted, distinct, never empty. */
  readonly details?: readonly Detail[];
}

/** The part of an access that an exchange may ask less of. */
export type Extent = Pick<Access, 'scopes' | 'details'>;

/** RFC 6749 appendix A.4: scope-token. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;

/** Whether a text is one scope token (RFC 6749 appendix A.4), at most 128 characters. */
export function isScope(text: string): text is Scope {
  return SCOPE_TOKEN.test(text);
}

/** Sorts and de-duplicates scopes, so that equal sets are equal lists. */
export function scopeSet(scopes: Iterable<Scope>): readonly Scope[] {
  return [...new Set(scopes)].sort();
}

/** Whether every wanted scope is among the held ones. An empty wish is covered by nothing: it asks for nothing. */
export function coversScopes(held: readonly Scope[], wanted: readonly Scope[]): boolean {
  const set = new Set(held);
  return wanted.length > 0 && wanted.every((scope) => set.has(scope));
}

/** Whether scopes and details of a wish are within what is held. */
export function coversExtent(held: Extent, wanted: Extent): boolean {
  return coversScopes(held.scopes, wanted.scopes) && coversDetails(held.details, wanted.details);
}

/** The extent alone, of anything that has one. */
export function extentOf({ scopes, details }: Extent): Extent {
  return details === undefined ? { scopes } : { scopes, details };
}

/** The same access with fewer scopes. Throws when it would widen: callers have checked `coversScopes`. */
export function narrowScopes(access: Access, scopes: readonly Scope[]): Access {
  if (!coversScopes(access.scopes, scopes)) throw new Error('narrowing must not widen');
  return { ...access, scopes: scopeSet(scopes) };
}

/** `a b c`, as on the wire (RFC 6749 section 3.3). */
export function scopeText(scopes: readonly Scope[]): string {
  return scopes.join(' ');
}
