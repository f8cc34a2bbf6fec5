/** The doctor's look at how Slack reaches us: a Socket Mode connection, or the door of the Slack program. */
import { SLACK_EVENTS_PATH } from '@sallyport/platform';
import { send } from '../http.ts';
import { type Finding, fine, skipped, wrong } from './finding.ts';
import { originOf, programFinding } from './programs.ts';
import type { SlackCall } from './slack-api.ts';
import type { SlackSettings } from './slack-settings.ts';
import { nextFor, saidFor } from './slack-words.ts';

const NAME = 'socket mode';

/** Whether a connection could be opened; its address is thrown away unused. */
export async function socketFinding(mode: SlackSettings['mode'], asApp: SlackCall | undefined): Promise<Finding> {
  if (mode === 'http') {
    if (asApp === undefined) return skipped(NAME, 'SLACK_MODE=http: Slack calls us');
    return skipped(
      NAME,
      'SLACK_APP_TOKEN is set, but SLACK_MODE=http does not use it: with Socket Mode on in the app’s settings Slack would not call us',
    );
  }
  if (asApp === undefined) return wrong(NAME, 'SLACK_APP_TOKEN is not set', 'Set it: SLACK_MODE=socket needs it.');
  const opened = await asApp('apps.connections.open');
  if (opened.ok) return fine(NAME, 'Slack offers a connection');
  const { error } = opened;
  if (error.kind === 'refused' && error.code === 'missing_scope') {
    return wrong(NAME, 'the app token lacks connections:write', 'Make an app-level token with that scope.');
  }
  return wrong(NAME, saidFor('apps.connections.open', error), nextFor('SLACK_APP_TOKEN', error));
}

/** Whether the program is ready, and, where Slack calls it, whether it turns away what Slack did not sign. */
export async function doorFindings({ mode, host, port }: SlackSettings): Promise<readonly Finding[]> {
  const program = await programFinding('slack', host, port);
  if (mode === 'socket') return [program];
  if (program.state !== 'ok') return [program, skipped('signatures', 'not looked at: the program is not ready')];
  return [program, await signatureFinding(`${originOf(host, port)}${SLACK_EVENTS_PATH}`)];
}

/** A delivery without a signature must be refused, whatever is in it; this one has nothing in it. */
async function signatureFinding(address: string): Promise<Finding> {
  const answered = await send({
    method: 'POST',
    url: address,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'payload=%7B%7D',
  });
  if (!answered.ok)
    return wrong('signatures', `no answer at ${address}: ${answered.error}`, 'Is the port the right one?');
  const { status } = answered.value;
  if (status === 401) return fine('signatures', 'what is not signed by Slack is refused');
  if (status === 404) {
    return wrong(
      'signatures',
      `there is no ${SLACK_EVENTS_PATH}: the program runs in Socket Mode`,
      'Start it with the settings you look with: SLACK_MODE=http.',
    );
  }
  return wrong(
    'signatures',
    `an unsigned delivery was answered with ${status}, not 401`,
    'Stop it: this is no Slack door of ours.',
  );
}
