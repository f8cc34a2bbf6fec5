-- Owns signing in to our pages, and the device flow that needs it.

-- Insert-only until it is past. A session is sealed in its person's browser; here is only that it was ended before its time.
create table ended_sessions (
  id text primary key check (length(id) between 16 and 64),
  ends_at timestamptz(3) not null
);
create index ended_sessions_past on ended_sessions (ends_at);

-- What devices without a browser ask (RFC 8628). Open until a person takes it on, and then its polls are answered by the
-- handle of the same id; or until one turns it away, or its time is over.
create table device_authorizations (
  -- SHA-256 of the device code.
  id text primary key check (id ~ '^[0-9a-f]{64}$'),
  -- Kept as it is: who knows one can only give the device what is theirs.
  user_code text not null unique check (user_code ~ '^[BCDFGHJKLMNPQRSTVWXZ]{8}$'),
  client_id text not null,
  jkt text,
  resource text not null,
  scopes text[] not null check (cardinality(scopes) >= 1),
  details jsonb check (jsonb_array_length(details) >= 1),
  reason text,
  requested_seconds integer check (requested_seconds > 0),
  issued_at timestamptz(3) not null,
  expires_at timestamptz(3) not null check (expires_at > issued_at),
  state text not null default 'open' check (state in ('open', 'taken', 'denied')),
  decided_at timestamptz(3) check ((decided_at is null) = (state = 'open')),
  -- The id of a person.
  decided_by text check ((decided_by is null) = (state = 'open')),
  request_id text references requests (id) check ((request_id is not null) = (state = 'taken'))
);
create index device_authorizations_past on device_authorizations (expires_at);
