/** Owns the column types of every table, for typed queries. The tables themselves are made by the migrations. */
import type { ColumnType, Generated } from 'kysely';

/** Read as epoch milliseconds, written as RFC 3339 with milliseconds. */
type Time = ColumnType<number, string, string>;
type MaybeTime = ColumnType<number | null, string | null | undefined, string | null>;
type GeneratedTime = ColumnType<number, string | undefined, string>;

export interface HandleColumns {
  id: string;
  kind: string;
  client_id: string;
  subject: string;
  request_id: string;
  made_request: boolean;
  scopes: string[];
  uses: string[];
  issued_at: Time;
  expires_at: Time;
  revoked_at: MaybeTime;
  actors: unknown;
  details: unknown;
  jkt: string | null;
}

export interface OutboxColumns {
  id: Generated<number>;
  event: string;
  request_id: string;
  case_version: number;
  grant_id: string | null;
  jti: string | null;
  at: Time;
  due_at: MaybeTime;
  tries: Generated<number>;
  handed_at: MaybeTime;
  next_at: GeneratedTime;
  done_at: MaybeTime;
}

export interface PolicyVersionColumns {
  version: string;
  document: string;
  put_at: GeneratedTime;
  mac_key: string;
  mac: string;
}

export interface PolicyInForceColumns {
  singleton: Generated<boolean>;
  version: string;
  since: GeneratedTime;
}

export interface SlackMessageColumns {
  key: string;
  request_id: string;
  channel: string | null;
  ts: string | null;
  shown_version: Generated<number>;
  attempted_at: MaybeTime;
  claimed_until: MaybeTime;
  claim: string | null;
  refused_by: string | null;
}

export interface SlackChannelColumns {
  channel: string;
  not_before: Time;
}

export interface OnceKeyColumns {
  scope: string;
  key: string;
  body_hash: string;
  request_id: string | null;
  created_at: GeneratedTime;
  expires_at: Time;
}

export interface MigrationColumns {
  version: string;
  name: string;
  sha256: string;
  applied_at: GeneratedTime;
}

/** Tables reached by typed queries. The others are written by the multi-row statements of `ledger-write.ts` and `issuances.ts`. */
export interface Tables {
  handles: HandleColumns;
  outbox: OutboxColumns;
  policy_versions: PolicyVersionColumns;
  policy_in_force: PolicyInForceColumns;
  slack_messages: SlackMessageColumns;
  slack_channels: SlackChannelColumns;
  once_keys: OnceKeyColumns;
  schema_migrations: MigrationColumns;
}

/** The columns a row of each sealed table is written with; what is left out has a default. */
export const written = {
  requests:
    'id, version, revision, digest, subject, requester, resource, role, audience, scopes, duration_ms, not_before, justification, ticket, policy_version, rule_id, effect, lines, opened_at, expires_at, door, client_id, state, closed_at, closed_by, close_reason, closed_because, actor, started_by, details, binding_message, mac_key, mac',
  decisions:
    'id, request_id, revision, digest, person, verdict, reason, lines, on_behalf_of, stepped_up_at, at, mac_key, mac',
  grants:
    'id, request_id, subject, resource, role, audience, scopes, not_before, expires_at, rule_id, uses_max, digest, state, ended_at, ended_by, ended_because, details, mac_key, mac',
  tokens:
    'jti, grant_id, request_id, subject, audience, client_id, scopes, issued_at, expires_at, federation, actors, details, jkt, status, mac_key, mac',
  token_revocations: 'jti, at, by, mac_key, mac',
  audit:
    'at, instance, lane, counter, type, actor, request_id, grant_id, jti, reason_code, trace_id, leaf, mac_key, mac',
  outbox: 'event, request_id, case_version, grant_id, jti, at, due_at',
} as const;

/** A row as JSON, on its way into `json_populate_recordset`. */
export type JsonRow = Readonly<Record<string, unknown>>;
