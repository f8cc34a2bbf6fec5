/** Owns the audit row of a refused attempt. */
import type { AccessCase, Attribution, GrantId, Instant, PolicyVersion, Refusal, RequestId } from '@sallyport/core';
import { auditRow, insertAudit } from './audit/append.ts';
import type { LeafDraft } from './audit/leaf.ts';
import { refusalFacts } from './audit/refusal-facts.ts';
import type { RowMac } from './row-mac.ts';
import type { Tx } from './transaction.ts';

export interface Attempt {
  readonly refusal: Refusal;
  readonly by: Attribution;
  /** What was tried, one stable word. */
  readonly attempted: string;
  readonly at: Instant;
  readonly policyVersion?: PolicyVersion | undefined;
  readonly requestId?: RequestId | undefined;
  readonly grantId?: GrantId | undefined;
  /** The case it met, if it met one. */
  readonly case?: AccessCase | undefined;
}

/** What the trail says of a refused attempt. */
export function attemptDraft(attempt: Attempt): LeafDraft {
  const met = attempt.case;
  return {
    type: 'attempt.refused',
    at: attempt.at,
    by: attempt.by,
    attempted: attempt.attempted,
    requestId: attempt.requestId ?? met?.request.id,
    version: met?.version,
    revision: met?.request.revision,
    digest: met?.request.digest,
    grantId: attempt.grantId ?? met?.grant?.id,
    oldState: met?.request.status.state,
    policyVersion: attempt.policyVersion,
    ...(attempt.by.attempting?.verdict === undefined ? {} : { verdict: attempt.by.attempting.verdict }),
    ...refusalFacts(attempt.refusal),
  };
}

/** Writes it in this transaction. The same verdict again is no attempt worth a row: nothing at all is kept of it. */
export async function writeAttempt(tx: Tx, mac: RowMac, attempt: Attempt): Promise<void> {
  if (attempt.refusal.code === 'already_decided') {
    tx.rollBack();
    return;
  }
  await tx.rows(insertAudit([auditRow(attemptDraft(attempt), tx.cursor, mac)]));
}
