-- Owns the audit trail and the outbox: both written from the same events, in the transaction of the act.

-- Insert-only. `leaf` is what was hashed, byte for byte; the columns beside it only help to find rows.
create table audit (
  id bigint generated always as identity primary key,
  -- Seam for sealing: a dense number given later to committed rows. `xid` says which rows are older than every running transaction.
  seq bigint,
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz(3) not null,
  instance text not null,
  lane text not null,
  counter bigint not null check (counter >= 1),
  type text not null,
  actor text,
  request_id text,
  grant_id text,
  jti text,
  reason_code text,
  trace_id text not null,
  leaf bytea not null,
  mac_key text not null,
  mac text not null,
  unique (lane, counter)
);
create index audit_of_request on audit (request_id, id) where request_id is not null;
create unique index audit_sealed on audit (seq) where seq is not null;
create trigger audit_stays before update or delete or truncate on audit
  for each statement execute function refuse_change();
alter table audit enable always trigger audit_stays;

-- One row per event: ids and a hint of when time will act. Done only when its consumer says so.
create table outbox (
  id bigint generated always as identity primary key,
  event text not null,
  request_id text not null references requests (id),
  case_version integer not null,
  grant_id text,
  jti text,
  at timestamptz(3) not null,
  -- When the request or grant it tells of will be over.
  due_at timestamptz(3),
  -- How often it was handed to the queue.
  tries integer not null default 0,
  handed_at timestamptz(3),
  -- Not claimed before: the lease of whoever claims it, then the wait for its consumer.
  next_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
  done_at timestamptz(3)
);
create index outbox_open on outbox (next_at, id) where done_at is null;
create index outbox_done on outbox (done_at) where done_at is not null;
