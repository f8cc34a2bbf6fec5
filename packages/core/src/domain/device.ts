/** DeviceAuthorization: what a device without a browser asks, until a person takes it on or turns it away (RFC 8628). */
import { coversScopes, type Extent, type ResourceId, type Scope } from './access.ts';
import type { HandleId, RequestId } from './ids.ts';
import { type Duration, type Instant, minutes } from './instant.ts';
import type { ClientId, Policy, Resource } from './policy.ts';
import type { PersonId } from './principal.ts';

/** What a person types: eight letters, about 34 bits; shown as `WDJB-MJHT`. */
export type UserCode = string & { readonly __userCode: true };

/** Scopes and details are frozen from the start: who takes it on was shown them. */
export interface DeviceAuthorization extends Extent {
  /** SHA-256 of the device code; once taken on, also of the handle its polls are answered by. */
  readonly id: HandleId;
  readonly userCode: UserCode;
  readonly clientId: ClientId;
  /** Thumbprint of the key its polls must prove. */
  readonly jkt?: string;
  readonly resource: ResourceId;
  /** The client's words; the person may say it in their own. */
  readonly reason?: string;
  readonly requestedDuration?: Duration;
  readonly issuedAt: Instant;
  /** Nobody can take it on later. */
  readonly expiresAt: Instant;
  readonly status: DeviceStatus;
}

export type DeviceStatus =
  | { readonly state: 'open' }
  | { readonly state: 'taken'; readonly at: Instant; readonly by: PersonId; readonly requestId: RequestId }
  | { readonly state: 'denied'; readonly at: Instant; readonly by: PersonId };

/** How long a device code waits for its person. */
export const DEVICE_LIFE: Duration = minutes(10);

/** RFC 8628 section 6.1: no vowels, so no words; nothing that is read or heard as something else. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;
/** Without the `u` flag: only ASCII letters are the same in another case. */
const USER_CODE = new RegExp(`^[${LETTERS}]{${LENGTH}}$`, 'i');
/** What people put between letters: dashes of any kind, white space. */
const BETWEEN = /[\p{Pd}\s]/gu;
const TYPED_LENGTH_MAX = 40;
const BYTES = 8;

/** Spells 8 random bytes as a user code. Throws unless given exactly 8: with fewer some codes would be likelier than others. */
export function spellUserCode(bytes: Uint8Array): UserCode {
  if (bytes.length !== BYTES) throw new Error(`a user code needs ${BYTES} random bytes`);
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let place = 0; place < LENGTH; place++) {
    text += LETTERS[Number(bits % BigInt(LETTERS.length))] ?? '';
    bits /= BigInt(LETTERS.length);
  }
  return text as UserCode;
}

/** Reads what somebody typed: in any case, with or without dashes and spaces. Undefined when it cannot be a code. */
export function parseUserCode(typed: string): UserCode | undefined {
  if (typed.length > TYPED_LENGTH_MAX) return undefined;
  const text = typed.replaceAll(BETWEEN, '');
  return USER_CODE.test(text) ? (text.toUpperCase() as UserCode) : undefined;
}

/** As devices and pages show it. */
export function userCodeText(code: UserCode): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}

/** Whether somebody can still take it on or turn it away. */
export function isOpen(device: DeviceAuthorization, now: Instant): boolean {
  return device.status.state === 'open' && now < device.expiresAt;
}

/** Whether some role of a resource has all these scopes. */
export function hasScopes({ roles }: Resource, scopes: readonly Scope[]): boolean {
  return roles.some((role) => coversScopes(role.scopes, scopes));
}

/** The one enabled resource that has all these scopes; undefined when there is none, or more. For clients that cannot name a target. */
export function resourceWithScopes(policy: Policy, scopes: readonly Scope[]): Resource | undefined {
  const [only, ...others] = policy.resources.filter((resource) => resource.enabled && hasScopes(resource, scopes));
  return others.length === 0 ? only : undefined;
}
