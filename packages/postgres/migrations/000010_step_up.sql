-- Owns what a fresh sign-in adds to a decision. Only adds: the build before this one goes on beside it.

-- When the person authenticated for this very approval, where the policy asked for it. A deny needs no such thing.
alter table decisions add column stepped_up_at timestamptz(3) check (stepped_up_at is null or verdict = 'approve');
