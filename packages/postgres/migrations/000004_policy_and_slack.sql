-- Owns the policy versions and which one is in force, the messages shown in Slack, and what happens only once.

-- Insert-only: a version is immutable. `document` is the compiled policy as JSON text, kept as written.
create table policy_versions (
  version text primary key check (version ~ '^[0-9a-f]{64}$'),
  document text not null,
  put_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
  mac_key text not null,
  mac text not null
);
create trigger policy_versions_stay before update or delete or truncate on policy_versions
  for each statement execute function refuse_change();
alter table policy_versions enable always trigger policy_versions_stay;

-- One row at most: the pointer all programs follow.
create table policy_in_force (
  singleton boolean primary key default true check (singleton),
  version text not null references policy_versions (version),
  since timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp())
);

-- One row per message in Slack that follows a case.
create table slack_messages (
  -- What it is: the card of a request, the DM of a request and person, the thread line of an event.
  key text primary key,
  request_id text not null references requests (id),
  channel text,
  ts text,
  -- The case's version the message shows; never goes down.
  shown_version integer not null default 0,
  -- Set before a post: an answer that got lost is looked up from here.
  attempted_at timestamptz(3),
  claimed_until timestamptz(3),
  claim text,
  check (ts is null or channel is not null)
);
create index slack_messages_of_request on slack_messages (request_id);
create unique index slack_messages_at on slack_messages (channel, ts) where ts is not null;

-- One post a second and channel; later when Slack says so.
create table slack_channels (
  channel text primary key,
  not_before timestamptz(3) not null
);

-- Deliveries and submissions, kept 24 h, written by the transaction they protect.
create table once_keys (
  scope text not null,
  key text not null,
  body_hash text not null,
  request_id text,
  created_at timestamptz(3) not null default date_trunc('milliseconds', clock_timestamp()),
  expires_at timestamptz(3) not null,
  primary key (scope, key)
);
create index once_keys_past on once_keys (expires_at);
