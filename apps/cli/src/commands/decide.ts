/** `sallyport approve` and `sallyport deny`: show a request, then decide on the revision that was shown. */
import type { RequestId } from '@sallyport/core';
import type { Command } from 'commander';
import { z } from 'zod';
import type { DecisionBody } from '../broker-client.ts';
import { clientFor } from '../caller.ts';
import { define, type Run, type Shell } from '../define.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { durationText, flag, requestId, required, revision, scopes } from '../fields.ts';
import { type RequestView, requestLines, stateLine } from '../views.ts';

const REVISION = [
  '--revision <n>',
  'decide only if this is still the revision; the one just read unless said otherwise',
] as const;

/** Adds the commands. */
export function decisionCommands(parent: Command, run: Run): void {
  define(parent, run, {
    usage: 'approve <request>',
    summary: 'approve a request, or less of it',
    description:
      'Reads the request, shows it, and approves exactly the revision it showed. With --duration or --scopes it approves ' +
      'less than was asked; earlier approvals are then void. Nobody approves their own request.',
    options: [
      REVISION,
      ['--duration <duration>', 'for a shorter time, like 15m'],
      ['--scopes <scopes>', 'only these scopes, separated by spaces'],
      ['--reason <text>', 'a word to the requester'],
    ],
    examples: [
      'sallyport approve req_01h8xgjwbwbaq4z5y9x2v3k7ma',
      'sallyport approve req_01h8xgjwbwbaq4z5y9x2v3k7ma --duration 15m --scopes "orders:read"',
    ],
    given: z.object({
      request: requestId,
      revision: revision.optional(),
      duration: durationText.optional(),
      scopes: scopes.optional(),
      reason: required(500).optional(),
      json: flag,
    }),
    act: (given, shell) =>
      decide(given.request, shell, (seen) => ({
        verdict: 'approve',
        revision: given.revision ?? seen.revision,
        ...(given.reason === undefined ? {} : { reason: given.reason }),
        ...narrowing(given.duration, given.scopes),
      })),
  });
  define(parent, run, {
    usage: 'deny <request>',
    summary: 'deny a request',
    description: 'Reads the request, shows it, and denies exactly the revision it showed.',
    options: [['--reason <text>', 'why; the requester reads it'], REVISION],
    examples: ['sallyport deny req_01h8xgjwbwbaq4z5y9x2v3k7ma --reason "Use the staging copy"'],
    given: z.object({
      request: requestId,
      reason: required(500).optional(),
      revision: revision.optional(),
      json: flag,
    }),
    act: (given, shell) =>
      decide(given.request, shell, (seen) => ({
        verdict: 'deny',
        revision: given.revision ?? seen.revision,
        ...(given.reason === undefined ? {} : { reason: given.reason }),
      })),
  });
}

function narrowing(duration: string | undefined, only: readonly string[] | undefined): Pick<DecisionBody, 'narrow'> {
  if (duration === undefined && only === undefined) return {};
  return {
    narrow: { ...(duration === undefined ? {} : { duration }), ...(only === undefined ? {} : { scopes: only }) },
  };
}

async function decide(id: RequestId, shell: Shell, bodyFor: (seen: RequestView) => DecisionBody): Promise<ExitCode> {
  const { out } = shell;
  const broker = clientFor(shell);
  const read = await broker.readRequest(id);
  if (!read.ok) return out.fail(read.error);
  for (const line of requestLines(read.value.view)) out.note(line);
  const body = bodyFor(read.value.view);
  const decided = await broker.decide(id, body);
  if (!decided.ok) return out.fail(decided.error);
  const said = body.verdict === 'approve' ? out.good('approved by you') : out.bad('denied by you');
  out.result(decided.value, [`${out.bold(decided.value.id)}  ${said}; now ${stateLine(decided.value)}`]);
  return EXIT.done;
}
