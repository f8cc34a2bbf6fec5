-- Owns signing in to our pages.

-- Insert-only until it is past. A session is sealed in its person's browser; here is only that it was ended before its time.
create table ended_sessions (
  id text primary key check (length(id) between 16 and 64),
  ends_at timestamptz(3) not null
);
create index ended_sessions_past on ended_sessions (ends_at);
