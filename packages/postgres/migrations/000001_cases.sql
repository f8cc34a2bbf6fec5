-- Owns requests, decisions and grants: the case, which is the unit of locking.
-- Instants are timestamptz(3): the domain counts whole milliseconds, and what is cut to a millisecond compares with
-- clock_timestamp() as exactly as a whole number compares with a fraction.
-- mac, mac_key: HMAC over the row's content under a key that is not in the database; every read checks it.

-- Raised by the triggers that keep insert-only tables insert-only, also for their owner.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% on % is refused: its rows are only ever added', tg_op, tg_table_name
    using errcode = 'insufficient_privilege';
end
$$;

create table requests (
  id text primary key check (id ~ '^req_[0-9a-z]{26}$'),
  -- Order of opening: newest first, also within one millisecond; what a page's cursor names.
  ord bigint generated always as identity unique,
  version integer not null check (version >= 1),
  revision integer not null check (revision >= 1),
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  subject text not null check (subject ~ '^(person|workload):.'),
  requester text not null check (requester ~ '^(person|workload):.'),
  resource text not null,
  role text not null,
  audience text not null,
  scopes text[] not null check (cardinality(scopes) >= 1),
  duration_ms bigint not null check (duration_ms > 0),
  not_before timestamptz(3),
  justification text not null,
  ticket text,
  policy_version text not null check (policy_version ~ '^[0-9a-f]{64}$'),
  rule_id text not null,
  effect text not null check (effect in ('auto_approve', 'require_approval')),
  -- The rule's approval lines as they were when it opened.
  lines jsonb not null,
  opened_at timestamptz(3) not null,
  expires_at timestamptz(3) not null check (expires_at > opened_at),
  door text not null check (door in ('oauth', 'rest', 'slack')),
  client_id text,
  state text not null check (state in ('pending', 'approved', 'denied', 'canceled', 'expired')),
  closed_at timestamptz(3),
  closed_by text,
  close_reason text,
  mac_key text not null,
  mac text not null,
  check ((state = 'pending') = (closed_at is null)),
  check (state not in ('denied', 'canceled') or closed_by is not null),
  check (close_reason is null or state = 'denied')
);
create index requests_due on requests (expires_at) where state = 'pending';
create index requests_pending on requests (ord desc) where state = 'pending';
create index requests_pending_of_subject on requests (subject, resource) where state = 'pending';
create index requests_of_subject on requests (subject, ord desc);
create index requests_of_requester on requests (requester, ord desc);
create trigger requests_stay before delete or truncate on requests for each statement execute function refuse_change();
alter table requests enable always trigger requests_stay;

-- Insert-only. An approve that became a deny is two rows; the later one counts.
create table decisions (
  id text primary key check (id ~ '^dec_[0-9a-z]{26}$'),
  ord bigint generated always as identity,
  request_id text not null references requests (id),
  revision integer not null check (revision >= 1),
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  person text not null,
  verdict text not null check (verdict in ('approve', 'deny')),
  reason text,
  lines integer[] not null,
  at timestamptz(3) not null,
  mac_key text not null,
  mac text not null,
  unique (request_id, revision, person, verdict)
);
create trigger decisions_stay before update or delete or truncate on decisions
  for each statement execute function refuse_change();
alter table decisions enable always trigger decisions_stay;

create table grants (
  id text primary key check (id ~ '^grt_[0-9a-z]{26}$'),
  request_id text not null unique references requests (id),
  subject text not null check (subject ~ '^(person|workload):.'),
  resource text not null,
  role text not null,
  audience text not null,
  scopes text[] not null check (cardinality(scopes) >= 1),
  not_before timestamptz(3) not null,
  expires_at timestamptz(3) not null check (expires_at > not_before),
  rule_id text not null,
  -- How many tokens it gives; null: as many as time allows.
  uses_max integer check (uses_max >= 1),
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  state text not null check (state in ('active', 'revoked', 'expired')),
  ended_at timestamptz(3),
  ended_by text,
  mac_key text not null,
  mac text not null,
  check ((state = 'active') = (ended_at is null)),
  check ((state = 'revoked') = (ended_by is not null))
);
create index grants_due on grants (expires_at) where state = 'active';
create index grants_active_of_subject on grants (subject, resource) where state = 'active';
create trigger grants_stay before delete or truncate on grants for each statement execute function refuse_change();
alter table grants enable always trigger grants_stay;
