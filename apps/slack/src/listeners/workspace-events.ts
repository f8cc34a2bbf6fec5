/** What Slack says about the workspace: an account changed or is gone, or the app was taken out of it. Each event may come twice, or never. */
import { person } from '@sallyport/core';
import { attribution, type Desk } from '../desk.ts';
import { type Actor, accountOf } from '../identity.ts';
import { readTokensRevoked, readUserChange } from '../payload.ts';

/** Facts we keep about this account are old now. One that is deactivated takes along what its person asked for. */
export async function userChanged(desk: Desk, body: unknown): Promise<void> {
  const { actor, deleted } = readUserChange(body);
  desk.identities.forget(actor.user);
  if (!deleted) return;
  try {
    await deactivated(desk, actor);
  } catch (err) {
    desk.logger.error('slack.deactivation_failed', { user: actor.user, err });
  }
}

/**
 * Asks Slack whether it is still so: an old event must not end what somebody who is back has asked for since. Where Slack
 * cannot be asked its signed word is enough, for this only takes access away.
 */
async function deactivated(desk: Desk, actor: Actor): Promise<void> {
  const who = await desk.identities.identify(actor, { live: true });
  if (who.ok || (who.error.why !== 'deactivated' && who.error.why !== 'facts_unreachable')) return;
  const owner = await desk.accounts.personOf(desk.policies.inForce(), accountOf(actor));
  if (!owner.ok) return;
  const by = attribution(actor);
  const done = await desk.deactivatePerson(person(owner.value), by);
  await desk.slackLinks.end(accountOf(actor), 'deactivated', by);
  desk.logger.info('slack.account_deactivated', { user: actor.user, person: owner.value, ...done });
}

/** The app was taken out of the workspace: nothing is posted until Slack takes us again. Requests stay decidable by REST. */
export async function appRemoved(desk: Desk): Promise<void> {
  await desk.removed('app_uninstalled');
}

/** Tokens were taken back. Only the bot's matters: we have no others. */
export async function tokensRevoked(desk: Desk, body: unknown): Promise<void> {
  if (readTokensRevoked(body)) await desk.removed('tokens_revoked');
}
