-- Owns what is issued and what gives one token: tokens, their revocations, uses, handles, and the pace of polls.

-- Insert-only. No reference to requests: checking one would wait for whoever holds the request while this holds the grant.
create table tokens (
  jti text primary key check (jti ~ '^tok_[0-9a-z]{26}$'),
  grant_id text not null references grants (id),
  request_id text not null,
  subject text not null check (subject ~ '^(person|workload):.'),
  audience text not null,
  client_id text not null,
  scopes text[] not null check (cardinality(scopes) >= 1),
  issued_at timestamptz(3) not null,
  expires_at timestamptz(3) not null check (expires_at > issued_at),
  -- When the row was written; the lost answer counts from here.
  recorded_at timestamptz(3) not null,
  mac_key text not null,
  mac text not null
);
create index tokens_of_grant on tokens (grant_id);
create trigger tokens_stay before update or delete or truncate on tokens
  for each statement execute function refuse_change();
alter table tokens enable always trigger tokens_stay;

-- Insert-only: what is revoked is never un-revoked.
create table token_revocations (
  jti text primary key references tokens (jti),
  at timestamptz(3) not null,
  -- person:ID, workload:ID, or client:ID for the OAuth client that gave its own token back.
  by text not null check (by ~ '^(person|workload|client):.'),
  mac_key text not null,
  mac text not null
);
create trigger token_revocations_stay before update or delete or truncate on token_revocations
  for each statement execute function refuse_change();
alter table token_revocations enable always trigger token_revocations_stay;

-- What gives one token: handle:HASH, subject:HASH, grant:ID. The unique key is what makes two at once one.
create table issuance_uses (
  key text primary key,
  jti text not null references tokens (jti),
  fingerprint text not null,
  used_at timestamptz(3) not null
);

-- Handles are stored as SHA-256 only.
create table handles (
  id text primary key check (id ~ '^[0-9a-f]{64}$'),
  kind text not null check (kind in ('deferral_code')),
  client_id text not null,
  subject text not null check (subject ~ '^(person|workload):.'),
  request_id text not null references requests (id),
  made_request boolean not null,
  scopes text[] not null check (cardinality(scopes) >= 1),
  -- What the exchange that got it would have used up.
  uses text[] not null,
  issued_at timestamptz(3) not null,
  expires_at timestamptz(3) not null check (expires_at > issued_at),
  revoked_at timestamptz(3)
);
create index handles_of_request on handles (request_id);
create index handles_past on handles (expires_at);

-- Unlogged: losing a pace in a crash only forgives. A row without an interval was never judged.
create unlogged table paces (
  key text primary key,
  interval_seconds integer check (interval_seconds > 0),
  last_answer_at timestamptz(3),
  too_soon_in_a_row integer check (too_soon_in_a_row >= 0),
  touched_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp())
);
create index paces_past on paces (touched_at);
