/** Owns the making of a Moment from what a statement read: the database's clock, and the policy its pointer named. */
import type { Instant, Moment, Policy, PolicyVersion } from '@sallyport/core';
import { parsePolicyVersion } from '@sallyport/core';
import { StoreUnavailable } from './faults.ts';
import { maybeText, parsed, type StoredRow, time } from './row-values.ts';
import type { Statement } from './statement.ts';

/** Something statements can be sent on. */
export interface Sender {
  rows<Row>(query: Statement<Row>): Promise<Row[]>;
}

/** The immutable versions of the policy, from memory or, the first time, from the table. */
export interface PolicyVersions {
  version(sender: Sender, version: PolicyVersion): Promise<Policy>;
}

/** The time of a row with MOMENT's columns. */
export function nowOf(row: StoredRow): Instant {
  return time(row, 'now');
}

/** The version the pointer named, or undefined while none is in force. */
export function versionOf(row: StoredRow): PolicyVersion | undefined {
  return maybeText(row, 'policy_version') === undefined ? undefined : parsed(row, 'policy_version', parsePolicyVersion);
}

/** The moment of a row with MOMENT's columns. Throws StoreUnavailable while no policy is in force. */
export async function momentOf(row: StoredRow, sender: Sender, policies: PolicyVersions): Promise<Moment> {
  const version = versionOf(row);
  if (version === undefined) throw new StoreUnavailable('no_policy');
  return { now: nowOf(row), policy: await policies.version(sender, version) };
}
