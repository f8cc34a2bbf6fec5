/** What Slack says about the workspace: an account changed, or the app was taken out of it. */
import type { Desk } from '../desk.ts';
import { readTokensRevoked, readUserChange } from '../payload.ts';

/** Facts we keep about this account are old now. */
export async function userChanged(desk: Desk, body: unknown): Promise<void> {
  desk.identities.forget(readUserChange(body));
}

/** The app was taken out of the workspace: nothing is posted until Slack takes us again. Requests stay decidable by REST. */
export async function appRemoved(desk: Desk): Promise<void> {
  await desk.removed('app_uninstalled');
}

/** Tokens were taken back. Only the bot's matters: we have no others. */
export async function tokensRevoked(desk: Desk, body: unknown): Promise<void> {
  if (readTokensRevoked(body)) await desk.removed('tokens_revoked');
}
