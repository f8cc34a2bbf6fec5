/** Owns the policy in force: immutable versions by id, one pointer in Postgres, a memory that follows it. */
import type { Attribution, Policies, Policy, PolicyVersion } from '@sallyport/core';
import { sha256Hex } from '@sallyport/platform';
import { auditRow, insertAudit } from './audit/append.ts';
import { MOMENT } from './case-sql.ts';
import { StoreUnavailable } from './faults.ts';
import { nowOf, type PolicyVersions, type Sender, versionOf } from './moments.ts';
import { LOCKS } from './once-keys.ts';
import type { Pool } from './pool.ts';
import type { RowMac } from './row-mac.ts';
import { type StoredRow, text } from './row-values.ts';
import { sealOf } from './rows.ts';
import { build, built, statement, timeText } from './statement.ts';
import { reading, type Tx, transaction } from './transaction.ts';

/** Between a policy and the JSON document that is stored; handed in, for this package does not know the policy's own tongue. */
export interface PolicyCodec {
  readonly serialize: (policy: Policy) => unknown;
  /** Throws if the document is not a compiled policy. */
  readonly parse: (document: unknown) => Policy;
}

const REFRESH_MS = 1_000;
const VERSIONS_KEPT_MAX = 16;

export interface PutPolicy {
  /** Leaves a policy that is in force alone: for the very first start, where whoever is first puts one. */
  readonly onlyIfNone?: boolean;
}

export interface PolicyStore extends Policies, PolicyVersions {
  /** Stores a version and points to it, with its audit row `policy.loaded`. The version in force: unchanged, nothing written. */
  putInForce(
    policy: Policy,
    by: Attribution,
    how?: PutPolicy,
  ): Promise<{ readonly changed: boolean; readonly inForce: PolicyVersion }>;
  /** The policy in force, from memory, if one was seen. */
  current(): Policy | undefined;
  /** Looks at the pointer now. Returns the version in force, or undefined while none is. */
  refresh(): Promise<PolicyVersion | undefined>;
  /** Follows the pointer every second. The first look is awaited; its failure is not fatal. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface PolicyStoreOptions {
  readonly pool: Pool;
  readonly mac: RowMac;
  readonly policyCodec: PolicyCodec;
}

/** The policies over this pool. */
export function makePolicies({ pool, mac, policyCodec }: PolicyStoreOptions): PolicyStore {
  const versions = new Map<PolicyVersion, Policy>();
  let current: Policy | undefined;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<unknown> = Promise.resolve();

  function remember(policy: Policy): Policy {
    versions.set(policy.version, policy);
    for (const oldest of versions.keys()) {
      if (versions.size <= VERSIONS_KEPT_MAX) break;
      versions.delete(oldest);
    }
    return policy;
  }

  async function version(sender: Sender, id: PolicyVersion): Promise<Policy> {
    return versions.get(id) ?? remember(await load(sender, id));
  }

  async function load(sender: Sender, id: PolicyVersion): Promise<Policy> {
    const [row] = await sender.rows<StoredRow>(
      statement('select document, mac_key, mac from policy_versions where version = $1', [id]),
    );
    if (row === undefined) throw new Error('the policy pointer names a version that is not there');
    const document = text(row, 'document');
    mac.check('policy_versions', id, contentOf(id, document), sealOf(row));
    const policy = policyCodec.parse(JSON.parse(document));
    if (policy.version !== id) throw new Error('a stored policy names another version than its row');
    return policy;
  }

  async function refresh(): Promise<PolicyVersion | undefined> {
    return reading(pool, async (connection) => {
      const [row] = await connection.rows<StoredRow>(statement(`select ${MOMENT}`, [], 'policy_pointer'));
      const id = row === undefined ? undefined : versionOf(row);
      if (id === undefined || id === current?.version) return id;
      try {
        current = await version(connection, id);
      } catch (error) {
        pool.alarm({ event: 'policy.unreadable', version: id });
        throw error;
      }
      return id;
    });
  }

  function tick(): void {
    timer = setTimeout(() => {
      looking = refresh()
        .catch(() => undefined)
        .finally(() => {
          if (timer !== undefined) tick();
        });
    }, REFRESH_MS);
    timer.unref();
  }

  async function putInForce(policy: Policy, by: Attribution, how: PutPolicy = {}) {
    const put = await transaction(pool, (tx) => write(tx, policy, by, how));
    if (put.inForce === policy.version) current = remember(policy);
    return put;
  }

  async function write(tx: Tx, policy: Policy, by: Attribution, how: PutPolicy) {
    await tx.rows(statement('select pg_advisory_xact_lock($1, 0)', [LOCKS.policy]));
    const [row] = await tx.rows<StoredRow>(statement(`select ${MOMENT}`));
    if (row === undefined) throw new Error('a select without from answers one row');
    const before = versionOf(row);
    if (before === policy.version || (before !== undefined && how.onlyIfNone === true)) {
      tx.rollBack();
      return { changed: false, inForce: before };
    }
    const document = JSON.stringify(policyCodec.serialize(policy));
    const { key, mac: code } = mac.seal('policy_versions', contentOf(policy.version, document));
    await tx.rows(
      built(
        build
          .insertInto('policy_versions')
          .values({ version: policy.version, document, mac_key: key, mac: code })
          .onConflict((conflict) => conflict.column('version').doNothing()),
      ),
    );
    if (before === undefined) await tx.rows(pointFirst(policy.version));
    else await tx.rows(pointNext(policy.version, nowOf(row)));
    const draft = {
      type: 'policy.loaded',
      at: nowOf(row),
      by,
      policyVersion: policy.version,
      oldState: before,
      newState: policy.version,
      facts: { document_sha256: sha256Hex(document), rules: policy.rules.length, resources: policy.resources.length },
    };
    await tx.rows(insertAudit([auditRow(draft, tx.cursor, mac)]));
    return { changed: true, inForce: policy.version };
  }

  return {
    version,
    refresh,
    putInForce,
    current: () => current,
    inForce: () => {
      if (current === undefined) throw new StoreUnavailable('no_policy');
      return current;
    },
    start: async () => {
      if (timer !== undefined) return;
      tick();
      await refresh().catch(() => undefined);
    },
    stop: async () => {
      clearTimeout(timer);
      timer = undefined;
      await looking;
    },
  };
}

/** Programs without the right to move the pointer may still set the first one. */
function pointFirst(version: PolicyVersion) {
  return built(build.insertInto('policy_in_force').values({ version }));
}

function pointNext(version: PolicyVersion, now: number) {
  return built(build.updateTable('policy_in_force').set({ version, since: timeText(now) }));
}

function contentOf(version: PolicyVersion, document: string) {
  return { version, document: sha256Hex(document) };
}
