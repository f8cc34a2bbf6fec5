-- Owns what is known of a card that its channel did not take. Only adds: the build before this one goes on beside it.

-- The channel that took no card of this request while there was none: the card went to its approvers, or to the fallback
-- channel, and stays there when the channel comes back. Another channel the policy names since then gets one.
alter table slack_messages add column refused_by text;
