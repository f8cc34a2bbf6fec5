/** Owns facts of the trail that are about no case: a program's start, keys, acts of the operator. */
import type { Attribution } from '@sallyport/core';
import { auditRow, insertAudit } from './audit/append.ts';
import type { Store } from './store.ts';
import { single } from './transaction.ts';

export interface Journal {
  /**
   * Appends one row to the trail.
   * @param type two stable words: `program.started`, `key.rotated`
   * @param facts ids, hashes, codes, counts; never free text, never a secret
   */
  append(type: string, by: Attribution, facts?: Readonly<Record<string, string | number | boolean>>): Promise<void>;
}

/** The journal over this store. */
export function makeJournal({ pool, mac, clock }: Store): Journal {
  return {
    append: (type, by, facts) =>
      single(pool, async (connection, cursor) => {
        await connection.rows(insertAudit([auditRow({ type, at: clock.now(), by, facts }, cursor, mac)]));
        return { value: undefined, wrote: true };
      }),
  };
}
