-- Owns which Slack account is whose by its owner's own act, and that something ended because an account was deactivated.
-- Only adds: the build before this one goes on beside it.

-- A link handed to a Slack account, until somebody who signed in confirms it. Of both codes only hashes are kept.
create table slack_link_offers (
  -- SHA-256 of the code in the address.
  id text primary key check (id ~ '^[0-9a-f]{64}$'),
  team text not null,
  slack_user text not null,
  -- What Slack calls the account; anybody may call theirs anything.
  claimed_name text not null check (char_length(claimed_name) <= 100),
  -- SHA-256 of that code and of the one told by direct message.
  confirmation text not null check (confirmation ~ '^[0-9a-f]{64}$'),
  issued_at timestamptz(3) not null,
  expires_at timestamptz(3) not null check (expires_at > issued_at),
  misses integer not null default 0 check (misses >= 0),
  -- Used or turned away.
  closed boolean not null default false
);
create index slack_link_offers_of_account on slack_link_offers (team, slack_user, expires_at);
create index slack_link_offers_past on slack_link_offers (expires_at);

-- One that lives for an account, and one for a person; ended ones stay.
create table slack_links (
  id text primary key check (id ~ '^lnk_[0-9a-z]{26}$'),
  team text not null,
  slack_user text not null,
  -- The id of a person.
  person text not null,
  linked_at timestamptz(3) not null,
  ended_at timestamptz(3),
  end_why text check (end_why in ('unlinked', 'relinked', 'deactivated')),
  -- What the account is still to be told by direct message, and from when somebody may take that on.
  news text check (news in ('linked', 'relinked')),
  news_from timestamptz(3),
  mac_key text not null,
  mac text not null,
  check ((ended_at is null) = (end_why is null)),
  check ((news is null) = (news_from is null))
);
create unique index slack_links_of_account on slack_links (team, slack_user) where ended_at is null;
create unique index slack_links_of_person on slack_links (person) where ended_at is null;
create index slack_links_news on slack_links (news_from) where news is not null;
create trigger slack_links_stay before delete or truncate on slack_links for each statement execute function refuse_change();
alter table slack_links enable always trigger slack_links_stay;

-- Why a request was canceled, or a grant revoked, that nobody ended by hand.
alter table requests add column closed_because text
  check (closed_because is null or (closed_because = 'account_deactivated' and state = 'canceled'));
alter table grants add column ended_because text
  check (ended_because is null or (ended_because = 'account_deactivated' and state = 'revoked'));
