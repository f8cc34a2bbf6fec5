-- Owns what standing in, reminders and nudges add. Only adds: the build before this one goes on beside it.

-- For whom a decision was made beside the person themselves: [{person, lines}].
alter table decisions add column on_behalf_of jsonb check (jsonb_array_length(on_behalf_of) >= 1);

-- When a request must be looked at again because of time alone: a reminder, an escalation, an end that comes near. A hint
-- worked out from the rows; what is due is decided when it is looked at.
create table slack_wakes (
  request_id text primary key references requests (id),
  due_at timestamptz(3) not null
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
