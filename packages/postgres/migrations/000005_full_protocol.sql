-- Owns what the whole protocol adds to requests, grants, tokens and handles: who acts for the subject, authorization_details,
-- keys that must be proved, federation tokens; and what may be used once. Only adds: the build before this one goes on beside it.

alter table requests
  add column actor text check (actor ~ '^(person|workload):.'),
  add column started_by text,
  add column details jsonb check (jsonb_array_length(details) >= 1),
  add column binding_message text;

alter table grants add column details jsonb check (jsonb_array_length(details) >= 1);

alter table tokens
  -- {target, role} of a federation token; null: an access token.
  add column federation jsonb,
  -- The chain of those who act, the current one first: [{iss?, sub}].
  add column actors jsonb check (jsonb_array_length(actors) between 1 and 4),
  add column details jsonb check (jsonb_array_length(details) >= 1),
  -- RFC 7638 thumbprint of the key the token is bound to.
  add column jkt text;

alter table handles drop constraint handles_kind_check;
alter table handles
  add constraint handles_kind_check check (kind in ('deferral_code', 'auth_req_id', 'device_code')),
  add column actors jsonb check (jsonb_array_length(actors) between 1 and 4),
  add column details jsonb check (jsonb_array_length(details) >= 1),
  add column jkt text;

-- Proofs and assertions that were used, until they would be refused for their age. Insert-only but for what is past.
create table replay_keys (
  key text primary key,
  expires_at timestamptz(3) not null
);
create index replay_keys_past on replay_keys (expires_at);

-- The table `paces` is written by no build from here on: a process keeps the paces of its own waiting clients.
