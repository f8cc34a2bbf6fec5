/** What Slack says about the workspace: an account changed, or the app was taken out of it. */
import type { Desk } from '../desk.ts';
import { readUserChange } from '../payload.ts';

/** Facts we keep about this account are old now. */
export async function userChanged(desk: Desk, body: unknown): Promise<void> {
  desk.identities.forget(readUserChange(body));
}

/** The token is dead: nothing is posted until `auth.test` answers again. Requests stay decidable by REST. */
export async function appRemoved(desk: Desk): Promise<void> {
  desk.connection.lost('app_removed');
}
