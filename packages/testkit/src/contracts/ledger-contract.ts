/** The contract of the ledger: every adapter passes it, in memory and on Postgres. */
import { describe } from '@jest/globals';
import { useStore } from './kit.ts';
import { openContract } from './ledger-open.ts';
import { readContract } from './ledger-read.ts';
import { sweepContract } from './ledger-sweep.ts';
import { transactContract } from './ledger-transact.ts';
import type { MakeStoreWorld } from './store-world.ts';

/** Declares the tests of `Ledger` for a store. `make` is called once per describe block. */
export function ledgerContract(name: string, make: MakeStoreWorld): void {
  describe(`${name} keeps the ledger's contract`, () => {
    describe('open', () => openContract(useStore(make)));
    describe('transact', () => transactContract(useStore(make)));
    describe('sweep', () => sweepContract(useStore(make)));
    describe('reads', () => readContract(useStore(make)));
  });
}
