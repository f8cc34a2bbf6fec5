/** Owns row <-> domain for cases: sealed before the write, checked and asserted after the read. */
import {
  type Access,
  type AccessCase,
  type AccessRequest,
  type ApprovalLine,
  assertCase,
  type Because,
  type ClientId,
  type Decision,
  duration,
  type Grant,
  type GrantId,
  type GrantStatus,
  nameOf,
  type PersonId,
  parseDecisionId,
  parseDigest,
  parseGrantId,
  parsePolicyVersion,
  parseRequestId,
  type Reference,
  type RequestId,
  type RequestStatus,
  type ResourceId,
  type RoleId,
  type RuleId,
  type Scope,
  type Voice,
} from '@sallyport/core';
import { RowUnreadable } from './faults.ts';
import { detailsIn, optionalText } from './rich-values.ts';
import type { RowMac } from './row-mac.ts';
import {
  isNull,
  list,
  maybeText,
  maybeTime,
  object,
  parsed,
  principal,
  type StoredRow,
  text,
  texts,
  time,
  whole,
  wholes,
  word,
} from './row-values.ts';
import { timeText } from './statement.ts';
import type { JsonRow } from './tables.ts';

const REQUEST_STATES = ['pending', 'approved', 'denied', 'canceled', 'expired'] as const;
const GRANT_STATES = ['active', 'revoked', 'expired'] as const;
const DOORS = ['oauth', 'rest', 'slack'] as const;
const EFFECTS = ['auto_approve', 'require_approval'] as const;
const BECAUSES = ['account_deactivated'] as const;
const VERDICTS = ['approve', 'deny'] as const;

/** The row of a request; carries the case's version. */
export function requestRow(c: AccessCase, mac: RowMac): JsonRow {
  const { request, version } = c;
  const { status } = request;
  const { key, mac: code } = mac.seal('requests', { version, request });
  return {
    id: request.id,
    version,
    revision: request.revision,
    digest: request.digest,
    subject: nameOf(request.subject),
    requester: nameOf(request.requester),
    ...accessColumns(request.access),
    duration_ms: request.duration,
    not_before: request.notBefore === undefined ? null : timeText(request.notBefore),
    justification: request.justification,
    ticket: request.ticket ?? null,
    policy_version: request.policyVersion,
    rule_id: request.ruleId,
    effect: request.effect,
    lines: request.lines,
    opened_at: timeText(request.openedAt),
    expires_at: timeText(request.expiresAt),
    door: request.door,
    client_id: request.clientId ?? null,
    state: status.state,
    closed_at: status.state === 'pending' ? null : timeText(status.at),
    closed_by: closedBy(status),
    close_reason: status.state === 'denied' ? (status.reason ?? null) : null,
    closed_because: status.state === 'canceled' ? (status.because ?? null) : null,
    actor: request.actor === undefined ? null : nameOf(request.actor),
    started_by: request.startedBy ?? null,
    binding_message: request.bindingMessage ?? null,
    mac_key: key,
    mac: code,
  };
}

function closedBy(status: RequestStatus): string | null {
  switch (status.state) {
    case 'approved':
      return status.by === undefined ? null : `person:${status.by}`;
    case 'denied':
      return `person:${status.by}`;
    case 'canceled':
      return nameOf(status.by);
    case 'pending':
    case 'expired':
      return null;
  }
}

/** The row of a decision. */
export function decisionRow(requestId: RequestId, decision: Decision, mac: RowMac): JsonRow {
  const { key, mac: code } = mac.seal('decisions', { requestId, decision });
  return {
    id: decision.id,
    request_id: requestId,
    revision: decision.revision,
    digest: decision.digest,
    person: decision.person,
    verdict: decision.verdict,
    reason: decision.reason ?? null,
    lines: decision.lines,
    on_behalf_of: decision.onBehalfOf ?? null,
    stepped_up_at: decision.steppedUpAt === undefined ? null : timeText(decision.steppedUpAt),
    at: timeText(decision.at),
    mac_key: key,
    mac: code,
  };
}

/** The row of a grant. */
export function grantRow(grant: Grant, mac: RowMac): JsonRow {
  const { status } = grant;
  const { key, mac: code } = mac.seal('grants', grant);
  return {
    id: grant.id,
    request_id: grant.requestId,
    subject: nameOf(grant.subject),
    ...accessColumns(grant.access),
    not_before: timeText(grant.notBefore),
    expires_at: timeText(grant.expiresAt),
    rule_id: grant.ruleId,
    uses_max: grant.usesMax ?? null,
    digest: grant.digest,
    state: status.state,
    ended_at: status.state === 'active' ? null : timeText(status.at),
    ended_by: status.state === 'revoked' ? nameOf(status.by) : null,
    ended_because: status.state === 'revoked' ? (status.because ?? null) : null,
    mac_key: key,
    mac: code,
  };
}

const sealedGrants = new WeakMap<Grant, { readonly by: RowMac; readonly mac: string }>();

/** The MAC a grant's row carries if it is this very grant; the conditional insert of a token compares it. */
export function grantMac(grant: Grant, mac: RowMac): string {
  const known = sealedGrants.get(grant);
  if (known?.by === mac) return known.mac;
  const made = mac.seal('grants', grant).mac;
  sealedGrants.set(grant, { by: mac, mac: made });
  return made;
}

function accessColumns(access: Access) {
  const { resource, role, audience, scopes, details = null } = access;
  return { resource, role, audience, scopes, details };
}

/**
 * Reads a case from `{request, decisions, grant}` (see case-sql.ts). Every MAC is checked and the case asserted.
 * Throws TamperFound, RowUnreadable or InvariantBroken.
 */
export function readCase(value: unknown, mac: RowMac): AccessCase {
  const stored = object(value, 'a case');
  const row = object(stored.request, 'a request');
  const request = readRequest(row);
  const version = whole(row, 'version');
  mac.check('requests', request.id, { version, request }, sealOf(row));
  const decisions = list(stored, 'decisions').map((one) => readDecision(request.id, object(one, 'a decision'), mac));
  const grant = isNull(stored, 'grant') ? undefined : readGrant(object(stored.grant, 'a grant'), mac);
  return assertCase({
    version,
    request,
    decisions: latestVoices(decisions),
    ...(grant === undefined ? {} : { grant }),
  });
}

/** A later row of the same person and revision takes the earlier one's place, as the fold of the events does it. */
function latestVoices(decisions: readonly Decision[]): readonly Decision[] {
  return decisions.filter(
    (one, index) =>
      !decisions.slice(index + 1).some((other) => other.person === one.person && other.revision === one.revision),
  );
}

function readRequest(row: StoredRow): AccessRequest {
  const notBefore = maybeTime(row, 'not_before');
  const ticket = maybeText(row, 'ticket');
  const clientId = maybeText(row, 'client_id');
  return {
    id: parsed(row, 'id', parseRequestId),
    subject: principal(row, 'subject'),
    requester: principal(row, 'requester'),
    ...(isNull(row, 'actor') ? {} : { actor: principal(row, 'actor') }),
    ...optionalText('startedBy', maybeText(row, 'started_by') as PersonId | undefined),
    access: readAccess(row),
    duration: duration(whole(row, 'duration_ms')),
    ...(notBefore === undefined ? {} : { notBefore }),
    justification: text(row, 'justification'),
    ...(ticket === undefined ? {} : { ticket }),
    ...optionalText('bindingMessage', maybeText(row, 'binding_message')),
    policyVersion: parsed(row, 'policy_version', parsePolicyVersion),
    ruleId: text(row, 'rule_id') as RuleId,
    effect: word(row, 'effect', EFFECTS),
    lines: list(row, 'lines').map(readLine),
    openedAt: time(row, 'opened_at'),
    expiresAt: time(row, 'expires_at'),
    door: word(row, 'door', DOORS),
    ...(clientId === undefined ? {} : { clientId: clientId as ClientId }),
    revision: whole(row, 'revision'),
    digest: parsed(row, 'digest', parseDigest),
    status: readRequestStatus(row),
  };
}

function readAccess(row: StoredRow): Access {
  return {
    resource: text(row, 'resource') as ResourceId,
    role: text(row, 'role') as RoleId,
    audience: text(row, 'audience'),
    scopes: texts(row, 'scopes') as readonly Scope[],
    ...detailsIn(row),
  };
}

function readRequestStatus(row: StoredRow): RequestStatus {
  const state = word(row, 'state', REQUEST_STATES);
  if (state === 'pending') return { state };
  const at = time(row, 'closed_at');
  if (state === 'expired') return { state, at };
  if (state === 'canceled') return { state, at, by: principal(row, 'closed_by'), ...because(row, 'closed_because') };
  if (state === 'denied') {
    const reason = maybeText(row, 'close_reason');
    return { state, at, by: personOf(row, 'closed_by'), ...(reason === undefined ? {} : { reason }) };
  }
  return isNull(row, 'closed_by') ? { state, at } : { state, at, by: personOf(row, 'closed_by') };
}

function personOf(row: StoredRow, column: string): PersonId {
  const found = principal(row, column);
  if (found.kind !== 'person') throw new RowUnreadable(`${column} is not a person`);
  return found.id;
}

function readLine(value: unknown): ApprovalLine {
  const line = object(value, 'an approval line');
  return { count: whole(line, 'count'), from: list(line, 'from').map(readReference) };
}

const REFERENCES = ['group', 'person', 'workload', 'manager', 'anyone'] as const;

function readReference(value: unknown): Reference {
  const reference = object(value, 'a reference');
  const kind = word(reference, 'kind', REFERENCES);
  switch (kind) {
    case 'group':
      return { kind, name: text(reference, 'name') };
    case 'person':
      return { kind, id: text(reference, 'id') as PersonId };
    case 'workload':
      return { kind, id: text(reference, 'id') as Extract<Reference, { kind: 'workload' }>['id'] };
    case 'manager':
    case 'anyone':
      return { kind };
  }
}

function readDecision(requestId: RequestId, row: StoredRow, mac: RowMac): Decision {
  const reason = maybeText(row, 'reason');
  const steppedUpAt = maybeTime(row, 'stepped_up_at');
  const decision: Decision = {
    id: parsed(row, 'id', parseDecisionId),
    revision: whole(row, 'revision'),
    digest: parsed(row, 'digest', parseDigest),
    person: text(row, 'person') as PersonId,
    verdict: word(row, 'verdict', VERDICTS),
    ...(reason === undefined ? {} : { reason }),
    lines: wholes(row, 'lines'),
    ...voicesIn(row),
    ...(steppedUpAt === undefined ? {} : { steppedUpAt }),
    at: time(row, 'at'),
  };
  mac.check('decisions', decision.id, { requestId, decision }, sealOf(row));
  return decision;
}

/** For whom it was made, absent where null. */
function voicesIn(row: StoredRow): { readonly onBehalfOf?: readonly Voice[] } {
  if (isNull(row, 'on_behalf_of')) return {};
  const voices = list(row, 'on_behalf_of').map((value) => {
    const voice = object(value, 'a voice');
    return { person: text(voice, 'person') as PersonId, lines: wholes(voice, 'lines') };
  });
  return { onBehalfOf: voices };
}

/** Reads a grant's row; its MAC is checked. */
export function readGrant(row: StoredRow, mac: RowMac): Grant {
  const grant: Grant = {
    id: parsed(row, 'id', parseGrantId),
    requestId: parsed(row, 'request_id', parseRequestId),
    subject: principal(row, 'subject'),
    access: readAccess(row),
    notBefore: time(row, 'not_before'),
    expiresAt: time(row, 'expires_at'),
    ruleId: text(row, 'rule_id') as RuleId,
    ...(isNull(row, 'uses_max') ? {} : { usesMax: whole(row, 'uses_max') }),
    digest: parsed(row, 'digest', parseDigest),
    status: readGrantStatus(row),
  };
  mac.check('grants', grant.id satisfies GrantId, grant, sealOf(row));
  return grant;
}

function readGrantStatus(row: StoredRow): GrantStatus {
  const state = word(row, 'state', GRANT_STATES);
  if (state === 'active') return { state };
  const at = time(row, 'ended_at');
  if (state === 'expired') return { state, at };
  return { state, at, by: principal(row, 'ended_by'), ...because(row, 'ended_because') };
}

function because(row: StoredRow, column: string): Because {
  return isNull(row, column) ? {} : { because: word(row, column, BECAUSES) };
}

/** The seal stored with a row. */
export function sealOf(row: StoredRow): { readonly key: string; readonly mac: string } {
  return { key: text(row, 'mac_key'), mac: text(row, 'mac') };
}
