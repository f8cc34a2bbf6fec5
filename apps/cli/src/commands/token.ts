/** `sallyport token`: exchanges the caller's token for one that opens a resource; waits for people if told to. */
import type { Command } from 'commander';
import { z } from 'zod';
import { brokerFor } from '../caller.ts';
import { define, type Run, type Shell } from '../define.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { durationText, flag, requestId, required, scopes, waitMs } from '../fields.ts';
import { plain } from '../output.ts';
import { timeLeft } from '../time-left.ts';
import { makeTokenEndpoint } from '../token-endpoint.ts';
import { waitForToken } from '../wait-for-token.ts';

const given = z.object({
  audience: required(2_000),
  scope: scopes.optional(),
  wait: waitMs.optional(),
  requestId: requestId.optional(),
  reason: required(2_000).optional(),
  duration: durationText.optional(),
  json: flag,
});

/** Adds the command. */
export function tokenCommand(parent: Command, run: Run): void {
  define(parent, run, {
    usage: 'token',
    summary: 'get a token for a resource',
    description:
      'Exchanges the token in SALLYPORT_TOKEN (a CI job token, an ID token). Prints the token alone on stdout, ' +
      'everything else on stderr. Without --wait nothing is asked of anybody: it answers what is approved already. ' +
      'With --wait people are asked, and it polls until they decide. Exit codes: 0 here it is, 3 still pending, ' +
      '4 denied, 5 expired, 6 nobody could approve it, 7 not allowed, 69 broker unreachable.',
    options: [
      ['--audience <uri>', "the resource's audience, or its id (required)"],
      ['--scope <scopes>', 'scopes separated by spaces; may be left out when one grant or --request-id says them'],
      ['--wait <duration>', 'ask for approval and wait for it, like 10m'],
      ['--request-id <request>', 'take it from this request'],
      ['--reason <text>', 'why; the approvers read it, if they have to be asked'],
      ['--duration <duration>', 'how long the access is wanted, like 30m, if it has to be asked for'],
    ],
    examples: [
      'TOKEN=$(sallyport token --audience https://orders-db.acme.test --scope "orders:write" \\',
      '    --reason "Deploy of $GITHUB_SHA" --wait 10m)',
    ],
    given,
    act: token,
  });
}

async function token(asked: z.output<typeof given>, shell: Shell): Promise<ExitCode> {
  const { out } = shell;
  const found = await waitForToken({
    endpoint: makeTokenEndpoint(brokerFor(shell)),
    ask: {
      audience: asked.audience,
      deferred: asked.wait !== undefined,
      ...(asked.scope === undefined ? {} : { scopes: asked.scope }),
      ...(asked.requestId === undefined ? {} : { requestId: asked.requestId }),
      ...(asked.reason === undefined ? {} : { reason: asked.reason }),
      ...(asked.duration === undefined ? {} : { duration: asked.duration }),
    },
    waitMs: asked.wait ?? 0,
    clock: shell,
    onPause: (why, leftMs) => out.progress(plain(why), timeLeft(leftMs)),
  });
  if (!found.ok) return out.fail(found.error);
  const { access_token: value, expires_in: seconds, scope, grant_id: grant } = found.value;
  const facts = [scope, seconds === undefined ? undefined : `${seconds} s`, grant].filter((fact) => fact !== undefined);
  out.note(plain(`a token for ${asked.audience}: ${facts.join(', ')}`));
  out.result(found.value, [value]);
  return EXIT.done;
}
