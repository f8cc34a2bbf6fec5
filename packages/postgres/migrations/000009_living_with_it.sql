-- Owns what standing in, reminders and nudges add. Only adds: the build before this one goes on beside it.

-- For whom a decision was made beside the person themselves: [{person, lines}].
alter table decisions add column on_behalf_of jsonb check (jsonb_array_length(on_behalf_of) >= 1);
create index decisions_of_person on decisions (person, request_id);

-- When a request must be looked at again because of time alone: a reminder, an escalation, an end that comes near. A hint
-- worked out from the rows; what is due is decided when it is looked at.
create table slack_wakes (
  request_id text primary key references requests (id),
  due_at timestamptz(3) not null,
  -- What is shown becomes untrue then, though no transition is written.
  redraw boolean not null default false
);
create index slack_wakes_due on slack_wakes (due_at);
insert into slack_wakes (request_id, due_at)
  select id, clock_timestamp() from requests where state = 'pending'
  union select request_id, clock_timestamp() from grants where state = 'active';

-- How often the requester asked for a reminder, and when last.
create table slack_nudges (
  request_id text primary key references requests (id),
  nudges integer not null check (nudges >= 1),
  nudged_at timestamptz(3) not null
);

-- Where a requester has more pending than a channel should show one by one: the request whose message lists them all.
create table slack_digests (
  requester text not null,
  channel text not null,
  request_id text not null references requests (id),
  -- Of the requester's oldest request that was pending when it began: what is older does not change any more.
  since_ord bigint not null,
  primary key (requester, channel)
);

-- What a requester has asked of people, counted at every opening.
create index requests_pending_of_requester on requests (requester) where state = 'pending';
create index requests_asked_of_people on requests (requester, opened_at) where effect = 'require_approval';
