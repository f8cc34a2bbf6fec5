/** Owns the writing of steps: state, audit and outbox from the same events, in one statement, for one case or a thousand. */
import {
  type AccessCase,
  type Attribution,
  assertCase,
  assertStep,
  type DomainEvent,
  type Instant,
  type Moment,
  type Step,
} from '@sallyport/core';
import { auditRow } from './audit/append.ts';
import type { LeafDraft } from './audit/leaf.ts';
import type { LaneCursor } from './lanes.ts';
import type { RowMac } from './row-mac.ts';
import { decisionRow, grantRow, requestRow } from './rows.ts';
import { timeText } from './statement.ts';
import type { JsonRow } from './tables.ts';
import { revocationRow } from './token-rows.ts';
import type { Tx } from './transaction.ts';
import { emptyRows, type Rows, writeStatement } from './write-statement.ts';

/** A step on its way into the tables; no `from`: a case that opens. */
export interface Change {
  readonly from?: AccessCase | undefined;
  readonly step: Step;
  readonly by: Attribution;
}

/**
 * Asserts and writes steps. The rows of their requests must be locked.
 * Throws InvariantBroken before anything is written, and an Error if a row had moved on, which the lock excludes.
 */
export async function writeChanges(tx: Tx, changes: readonly Change[], at: Moment, mac: RowMac): Promise<void> {
  const rows = emptyRows();
  for (const change of changes) collect(rows, change, at, tx.cursor, mac);
  const [answer] = await tx.rows(writeStatement(rows));
  const expected = rows.requestsChanged.length + rows.grantsChanged.length;
  if (answer?.changed !== expected) throw new Error(`${expected} locked rows were to change, ${answer?.changed} did`);
}

function collect(rows: Rows, { from, step, by }: Change, at: Moment, cursor: LaneCursor, mac: RowMac): void {
  const next = assertCase(step.next);
  assertStep(from, step);
  (from === undefined ? rows.requestsNew : rows.requestsChanged).push(requestRow(next, mac));
  collectGrant(rows, from, next, mac);
  let state = statesOf(from);
  for (const event of step.events) {
    const { id } = next.request;
    if (event.type === 'decision.made') rows.decisions.push(decisionRow(id, event.decision, mac));
    if (event.type === 'token.revoked') rows.revocations.push(revocationRow(event.jti, event.at, event.by, mac));
    const after = statesAfter(state, event);
    rows.audit.push(auditRow(draftOf(next, event, by, at, state, after), cursor, mac));
    rows.outbox.push(outboxRow(next, event));
    state = after;
  }
}

function collectGrant(rows: Rows, from: AccessCase | undefined, next: AccessCase, mac: RowMac): void {
  if (next.grant === undefined || next.grant === from?.grant) return;
  (from?.grant === undefined ? rows.grantsNew : rows.grantsChanged).push(grantRow(next.grant, mac));
}

interface States {
  readonly request: string | undefined;
  readonly grant: string | undefined;
}

function statesOf(c: AccessCase | undefined): States {
  return { request: c?.request.status.state, grant: c?.grant?.status.state };
}

function statesAfter(before: States, event: DomainEvent): States {
  switch (event.type) {
    case 'request.opened':
      return { ...before, request: 'pending' };
    case 'request.approved':
    case 'request.denied':
    case 'request.canceled':
    case 'request.expired':
      return { ...before, request: event.type.slice('request.'.length) };
    case 'grant.started':
      return { ...before, grant: 'active' };
    case 'grant.revoked':
    case 'grant.expired':
      return { ...before, grant: event.type.slice('grant.'.length) };
    case 'request.narrowed':
    case 'decision.made':
    case 'token.revoked':
      return before;
  }
}

function draftOf(
  next: AccessCase,
  event: DomainEvent,
  by: Attribution,
  at: Moment,
  before: States,
  after: States,
): LeafDraft {
  const aboutGrant = event.type.startsWith('grant.');
  return {
    type: event.type,
    at: event.at,
    by,
    requestId: next.request.id,
    version: next.version,
    revision: next.request.revision,
    digest: next.request.digest,
    grantId: next.grant?.id,
    policyVersion: at.policy.version,
    oldState: aboutGrant ? before.grant : before.request,
    newState: aboutGrant ? after.grant : after.request,
    ...(event.type === 'decision.made' ? { decisionId: event.decision.id, verdict: event.decision.verdict } : {}),
    ...(event.type === 'token.revoked' ? { jti: event.jti } : {}),
    event,
  };
}

function outboxRow(next: AccessCase, event: DomainEvent): JsonRow {
  return {
    event: event.type,
    request_id: next.request.id,
    case_version: next.version,
    grant_id: next.grant?.id ?? null,
    jti: event.type === 'token.revoked' ? event.jti : null,
    at: timeText(event.at),
    due_at: dueText(event),
  };
}

/** When time will end what this event began. */
function dueText(event: DomainEvent): string | null {
  const due: Instant | undefined =
    event.type === 'request.opened'
      ? event.request.expiresAt
      : event.type === 'grant.started'
        ? event.grant.expiresAt
        : undefined;
  return due === undefined ? null : timeText(due);
}
