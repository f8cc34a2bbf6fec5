-- Owns the Slack workspaces the app was installed in by its own page. Only adds: the build before this one goes on beside it.

-- One row for each workspace, the last installation there. The token is a JWE under SALLYPORT_KEY_ENCRYPTION_KEY, bound to the
-- team; an installation that has ended keeps none.
create table slack_installations (
  team_id text primary key check (char_length(team_id) between 1 and 100),
  -- Rises with every installation: what is said of an earlier one does not touch a later.
  version integer not null check (version >= 1),
  app_id text not null,
  bot_user_id text not null,
  -- The Slack account that installed it.
  installed_by text not null,
  installed_at timestamptz(3) not null,
  sealed_token text,
  ended_at timestamptz(3),
  ended_why text check (ended_why in ('app_uninstalled', 'tokens_revoked')),
  check ((ended_at is null) = (sealed_token is not null) and (ended_at is null) = (ended_why is null))
);
