/** Owns row MACs: HMAC-SHA-256 over a row's content under keys derived from the audit key, which is never in the database. */
import { createHash, createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { RaiseAlarm } from './alarms.ts';
import { canonicalJson } from './canonical-json.ts';
import { TamperFound } from './faults.ts';

/** What a MAC vouches for. The name is part of what is hashed: a row never passes for one of another table. */
export type Sealed =
  | 'requests'
  | 'decisions'
  | 'grants'
  | 'tokens'
  | 'token_revocations'
  | 'policy_versions'
  | 'slack_links'
  | 'audit';

export interface Seal {
  /** Which key; not secret. */
  readonly key: string;
  /** Lower-case hex HMAC-SHA-256. */
  readonly mac: string;
}

export interface RowMac {
  /** The seal of a row's content, which is spelled canonically. */
  seal(table: Sealed, content: unknown): Seal;
  /** Checks a stored row. Throws TamperFound, after raising the alarm, when it is not what was written. */
  check(table: Sealed, rowId: string, content: unknown, stored: Seal): void;
  /** The seal of bytes as they are: for the trail's leaves. */
  sealBytes(table: Sealed, bytes: Uint8Array): Seal;
  /** Whether bytes carry this seal. Raises no alarm: for verifying. */
  holdsBytes(table: Sealed, bytes: Uint8Array, stored: Seal): 'holds' | 'mac_mismatch' | 'unknown_key';
}

const KEY_BYTES_MIN = 32;

/**
 * Derives the MAC key (HKDF-SHA-256, one purpose) and its id from the audit key.
 * @param auditKey 32 or more random bytes.
 */
export function makeRowMac(auditKey: Uint8Array, alarm: RaiseAlarm): RowMac {
  if (auditKey.length < KEY_BYTES_MIN) throw new RangeError(`the audit key needs at least ${KEY_BYTES_MIN} bytes`);
  const key = derive(auditKey, 'sallyport row mac v1');
  const keyId = `k${createHash('sha256').update(derive(auditKey, 'sallyport row mac key id v1').export()).digest('hex').slice(0, 12)}`;

  const macOf = (table: Sealed, bytes: Uint8Array): Buffer =>
    createHmac('sha256', key).update(`sallyport.${table}.v1\0`).update(bytes).digest();

  const judge = (table: Sealed, bytes: Uint8Array, stored: Seal) => {
    if (stored.key !== keyId) return 'unknown_key' as const;
    const found = Buffer.from(stored.mac, 'hex');
    const made = macOf(table, bytes);
    return found.length === made.length && timingSafeEqual(found, made)
      ? ('holds' as const)
      : ('mac_mismatch' as const);
  };

  const sealBytes = (table: Sealed, bytes: Uint8Array): Seal => ({
    key: keyId,
    mac: macOf(table, bytes).toString('hex'),
  });

  return {
    sealBytes,
    seal: (table, content) => sealBytes(table, Buffer.from(canonicalJson(content), 'utf8')),
    holdsBytes: judge,
    check: (table, rowId, content, stored) => {
      const verdict = judge(table, Buffer.from(canonicalJson(content), 'utf8'), stored);
      if (verdict === 'holds') return;
      alarm({ event: 'row.tampered', table, rowId });
      throw new TamperFound(table, rowId, verdict);
    },
  };
}

function derive(auditKey: Uint8Array, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', auditKey, new Uint8Array(), purpose, 32)));
}
