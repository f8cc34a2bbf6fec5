/** `sallyport request`: asks for an access, and waits for the decision if told to. */
import { randomUUID } from 'node:crypto';
import { parseRequestId } from '@sallyport/core';
import type { Command } from 'commander';
import { z } from 'zod';
import type { BrokerClient, CreateBody } from '../broker-client.ts';
import { clientFor } from '../caller.ts';
import { define, type Run, type Shell } from '../define.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { durationText, flag, required, time, waitMs, workloadId } from '../fields.ts';
import { timeLeft } from '../time-left.ts';
import type { Trouble } from '../trouble.ts';
import { askLine, type RequestView, stateLine, tokenHint } from '../views.ts';
import { exitOf, waitForDecision } from '../wait-for-decision.ts';

const given = z.object({
  resource: required(127),
  role: required(127),
  duration: durationText,
  justification: required(2_000),
  ticket: required(100).optional(),
  workload: workloadId.optional(),
  notBefore: time.optional(),
  wait: waitMs.optional(),
  json: flag,
});
type Given = z.output<typeof given>;

/** Adds the command. */
export function requestCommand(parent: Command, run: Run): void {
  define(parent, run, {
    usage: 'request',
    summary: 'ask for an access',
    description:
      'Asks as the person or workload whose token is in SALLYPORT_TOKEN. With --wait it stays until somebody decides: ' +
      'exit code 0 approved, 3 still pending, 4 denied, 5 expired.',
    options: [
      ['--resource <id>', 'what to open (required)'],
      ['--role <id>', 'which role of it (required)'],
      ['--duration <duration>', 'for how long, like 30m or 1h30m (required)'],
      ['--justification <text>', 'why; the approvers read it (required)'],
      ['--ticket <id>', 'a ticket that belongs to it'],
      ['--workload <id>', 'ask for a workload you own, not for yourself'],
      ['--not-before <time>', 'begin later, like 2030-01-31T09:00:00Z'],
      ['--wait <duration>', 'wait for the decision, like 10m'],
    ],
    examples: [
      'sallyport request --resource orders-db --role admin --duration 30m --workload payments-deploy \\',
      '    --justification "Backfill of the orders that failed" --wait 10m',
    ],
    given,
    act: request,
  });
}

async function request(asked: Given, shell: Shell): Promise<ExitCode> {
  const { out } = shell;
  const broker = clientFor(shell);
  const made = await broker.createRequest(bodyOf(asked), `cli-${randomUUID()}`);
  if (!made.ok) return out.fail(made.error);
  const waits = asked.wait !== undefined && made.value.state === 'pending';
  const decided = waits ? await decision(broker, made.value, asked.wait ?? 0, shell) : { view: made.value };
  if (decided.trouble !== undefined) return out.fail(decided.trouble);
  const { view } = decided;
  out.result(view, [
    `${out.bold(view.id)}  ${stateLine(view)}`,
    askLine(view),
    ...(view.state === 'approved' || view.state === 'pending' ? [out.dim(`a token: ${tokenHint(view)}`)] : []),
  ]);
  return asked.wait === undefined && view.state === 'pending' ? EXIT.done : exitOf(view);
}

async function decision(
  broker: BrokerClient,
  made: RequestView,
  waitFor: number,
  shell: Shell,
): Promise<{ readonly view: RequestView; readonly trouble?: Trouble }> {
  const id = parseRequestId(made.id);
  if (id === undefined) throw new Error('the broker answered an id that is none');
  const decided = await waitForDecision({
    broker,
    id,
    waitMs: waitFor,
    clock: shell,
    onLook: (seen, leftMs) =>
      shell.out.progress('message' in seen ? seen.message : `${seen.id}  ${stateLine(seen)}`, timeLeft(leftMs)),
  });
  if (decided.ok) return { view: decided.value };
  const next = `The request stays open: ${made.id}. ${decided.error.next ?? ''}`.trim();
  return { view: made, trouble: { ...decided.error, next } };
}

function bodyOf({ resource, role, duration, justification, ticket, workload, notBefore }: Given): CreateBody {
  return {
    resource,
    role,
    duration,
    justification,
    ...(ticket === undefined ? {} : { ticket }),
    ...(workload === undefined ? {} : { subject: { workload } }),
    ...(notBefore === undefined ? {} : { not_before: notBefore }),
  };
}
