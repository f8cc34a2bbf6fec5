/** The step of the GitHub Action: asks, waits, and hands the token on, masked before anything else is said of it. */
import { duration, formatDuration } from '@sallyport/core';
import type { Shell } from '../define.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { getToken } from '../get-token.ts';
import type { IssuedToken } from '../oauth/token-answer.ts';
import type { Wish } from '../ways/choose-way.ts';
import type { Inputs } from './inputs.ts';
import type { Workflow } from './workflow.ts';

/** @returns the exit code of the command line for the same ending */
export async function step(inputs: Inputs, shell: Shell, workflow: Workflow): Promise<ExitCode> {
  const found = await getToken(wishOf(inputs), shell);
  if (found.ok) {
    await handOn(found.value, inputs, workflow);
    shell.out.note(summaryOf(found.value, inputs).replaceAll('`', ''));
    return EXIT.done;
  }
  const { exit, message, next } = found.error;
  workflow.error(next === undefined ? message : `${message}. ${next}`);
  await workflow.summary(`Sallyport: no token for ${code(inputs.audience)}: ${message}`);
  return exit;
}

async function handOn(token: IssuedToken, inputs: Inputs, workflow: Workflow): Promise<void> {
  workflow.mask(token.access_token);
  // The broker is not asked about a federation token again: there is nothing to give back.
  if (inputs.revoke && !inputs.federate) await workflow.state('token', token.access_token);
  await workflow.output('token', token.access_token);
  await workflow.output('request-id', token.request_id ?? '');
  await workflow.output('grant-id', token.grant_id ?? '');
  await workflow.output('expires-in', String(token.expires_in ?? ''));
  const name = inputs['export-env'];
  if (name !== undefined) await workflow.variable(name, token.access_token);
  await workflow.summary(summaryOf(token, inputs));
}

function summaryOf(
  { scope, expires_in: seconds, request_id: request, grant_id: grant }: IssuedToken,
  inputs: Inputs,
): string {
  const facts = [
    ...(scope === undefined ? [] : [code(scope)]),
    `on ${code(inputs.audience)}`,
    ...(seconds === undefined ? [] : [`for ${formatDuration(duration(seconds * 1_000))}`]),
  ];
  const ids = [request, grant].filter((id) => id !== undefined).map(code);
  return `Sallyport: ${facts.join(' ')}${ids.length === 0 ? '' : ` (${ids.join(', ')})`}`;
}

/** As code in Markdown, so that nothing in it is a link or a picture. */
function code(text: string): string {
  return `\`${text.replaceAll('`', '')}\``;
}

function wishOf(inputs: Inputs): Wish {
  const { audience, scope, request, reason, duration: length, wait, federate } = inputs;
  return {
    ask: { audience, scopes: scope, requestId: request, reason, duration: length, federate },
    via: 'exchange',
    waitMs: wait,
    said: {},
    tokenAudience: inputs['token-audience'],
    cancelOnExit: inputs['cancel-on-exit'],
  };
}
