/** The face of the package: the ports of the core on Postgres, and what the programs need beside them. */
export type { RaiseAlarm, StoreAlarm } from './alarms.ts';
export {
  type ExportOptions,
  exportLine,
  exportLines,
  readLine,
  type StoredLeaf,
  storedLeaves,
} from './audit/export.ts';
export { type Folded, foldTrail } from './audit/fold.ts';
export { hashedCase, hashedText, hashedToken } from './audit/hashed-text.ts';
export { type Leaf, parseLeaf } from './audit/leaf.ts';
export { type BadRow, type Verified, verifyDatabase, verifyExport } from './audit/verify.ts';
export type { DatabaseClock } from './clock.ts';
export { RowUnreadable, type StoreTrouble, StoreUnavailable, TamperFound } from './faults.ts';
export type { Figures } from './figures.ts';
export { makeHandles } from './handles.ts';
export { makeIssuances } from './issuances.ts';
export type { Journal } from './journal.ts';
export { makeLedger } from './ledger.ts';
export { type Listening, listenOutbox, listenRevocations } from './listen.ts';
export { type Migrated, type Migration, MigrationChanged, migrate, migrations, schemaHash } from './migrate.ts';
export type { Deliveries } from './once-keys.ts';
export { openPostgres, type Postgres, type PostgresOptions, type Reserved } from './open-postgres.ts';
export type { Outbox, OutboxRow, OutboxState } from './outbox.ts';
export type { PolicyCodec, PolicyStore, PutPolicy } from './policies.ts';
export type { Patience } from './pool.ts';
export { type ProgramRole, urlWithRole } from './program-role.ts';
export { makeReplayGuard } from './replay-guard.ts';
export type { NewSlackInstallation, SlackInstallation, SlackInstallations } from './slack-installations.ts';
export type { Shown, SlackClaim, SlackMessage, SlackMessages } from './slack-messages.ts';
export type { Store } from './store.ts';
