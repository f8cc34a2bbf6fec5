-- Owns what tells those who only verify tokens that one is over: the bits of tokens in the status lists, and quick ways to
-- the rows of the trail that say so. Only adds, but for one index that becomes wider.

-- Blocks of 1,024 bits, from 0: a process takes one and hands its bits out in random order. Never goes round.
create sequence token_status_blocks as bigint minvalue 0 start with 0;

-- The bit of an access token, from 0; the list is the whole part of bit / 131,072. Null: of a build before, or another kind.
alter table tokens add column status bigint check (status >= 0);

-- Which tokens of a grant are still in time.
drop index tokens_of_grant;
create index tokens_of_grant on tokens (grant_id, expires_at);

-- What ends tokens before their time, in the order of transactions, and by age. `token.barred`: the policy no longer allows it.
create index audit_ended on audit (xid, id) where type in ('grant.revoked', 'token.revoked', 'token.barred');
create index audit_ended_at on audit (at) where type in ('grant.revoked', 'token.revoked', 'token.barred');
-- A token is barred once.
create unique index audit_barred on audit (jti) where type = 'token.barred';
