/** The contracts every adapter must pass. Imported by tests only: it needs Jest's globals. */
export { devicesContract } from './devices-contract.ts';
export { handlesContract } from './handles-contract.ts';
export { issuancesContract } from './issuances-contract.ts';
export { crowdPolicy } from './kit.ts';
export { ledgerContract } from './ledger-contract.ts';
export { questionsContract } from './questions-contract.ts';
export { revocationsContract } from './revocations-contract.ts';
export { sessionsContract } from './sessions-contract.ts';
export { slackLinksContract } from './slack-links-contract.ts';
export type { MakeStoreWorld, SeenAudit, SeenOutbox, StoreWorld } from './store-world.ts';
