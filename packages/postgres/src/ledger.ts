/** Owns the ledger on Postgres: the five doors and the reads, over one pool. */
import type { Ledger } from '@sallyport/core';
import { open } from './ledger-open.ts';
import { makeReads } from './ledger-read.ts';
import { sweep } from './ledger-sweep.ts';
import { note, transact } from './ledger-write.ts';
import type { Store } from './store.ts';

/** The ledger over this store. One over the reserved pool serves revokes, so that they never wait behind other work. */
export function makeLedger(store: Store): Ledger {
  return {
    open: (key, decide, by, once) => open(store, key, decide, by, once),
    transact: (id, decide, by, once) => transact(store, id, decide, by, once),
    sweep: (limitMax) => sweep(store, limitMax),
    note: (attempt) => note(store, attempt),
    ...makeReads(store),
  };
}
