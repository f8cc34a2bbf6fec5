-- Owns the least rights of each program. Applied after the migrations by whoever may create roles; may be run again.
-- A program takes its role in its connection string: ...?options=-c%20role%3Dsallyport_broker
-- The roles cannot log in. They are granted to the user that migrates, so that with one user each program still has its own
-- rights. In production make one login per program instead, which cannot take another's role:
--   create role broker_login login password '...' in role sallyport_broker;

do $$
declare
  wanted text;
  has_it boolean;
begin
  foreach wanted in array array['sallyport_broker', 'sallyport_slack', 'sallyport_worker'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin', wanted);
      exception when duplicate_object or unique_violation then
        null; -- another database of this server made it at the same moment
      end;
    end if;
    -- From 16 on whoever makes a role may administer it, but not become it, until granted that too.
    if current_setting('server_version_num')::int >= 160000 then
      execute format('select pg_has_role(current_user, %L, ''SET'')', wanted) into has_it;
    else
      has_it := pg_has_role(current_user, wanted, 'member');
    end if;
    if not has_it then
      execute format('grant %I to current_user', wanted);
    end if;
    execute format('grant usage on schema %I to %I', current_schema(), wanted);
  end loop;
end
$$;

-- All three decide or close cases, read the policy and put the first one in force.
grant select, insert on audit, outbox, policy_versions, policy_in_force
  to sallyport_broker, sallyport_slack, sallyport_worker;
grant select on schema_migrations to sallyport_broker, sallyport_slack, sallyport_worker;

-- The broker: cases through its doors, tokens, handles.
grant select, insert, update on requests, grants, handles, device_authorizations to sallyport_broker;
-- Links of Slack accounts are confirmed on its page.
grant select, update on slack_link_offers to sallyport_broker;
grant select, insert, update on slack_links to sallyport_broker;
grant select, insert on decisions, tokens, token_revocations, issuance_uses, ended_sessions to sallyport_broker;
grant select, insert, update, delete on once_keys to sallyport_broker;
grant select, insert on replay_keys to sallyport_broker;
grant usage, select on sequence token_status_blocks to sallyport_broker;
grant select on questions to sallyport_broker;

-- The Slack app: cases through its door, its messages, and the word that a notice arrived.
grant select, insert, update on requests, grants to sallyport_slack;
grant select, insert on decisions to sallyport_slack;
grant select on tokens, token_revocations to sallyport_slack;
grant select, insert on questions to sallyport_slack;
grant update (answered_by, answered_at, answer) on questions to sallyport_slack;
grant select, insert, update, delete on slack_messages, slack_channels, slack_wakes, slack_digests, once_keys to sallyport_slack;
grant select, insert, update on slack_nudges, slack_installations to sallyport_slack;
grant select, insert on slack_link_offers to sallyport_slack;
grant select, update on slack_links to sallyport_slack;
grant update (done_at, next_at) on outbox to sallyport_slack;

-- The worker: expiry, outbox, policy, and clearing away what is past its lifetime.
grant select, update on requests, grants to sallyport_worker;
grant select on decisions, tokens, token_revocations, slack_messages to sallyport_worker;
grant update, delete on outbox to sallyport_worker;
grant update on policy_in_force to sallyport_worker;
grant select, delete on once_keys, replay_keys, ended_sessions, handles, device_authorizations, slack_link_offers to sallyport_worker;
