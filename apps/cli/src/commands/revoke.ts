/** `sallyport revoke`: ends an access now, takes a pending request back, or gives a single token back. */
import { type GrantId, parseGrantId, parseRequestId, type RequestId } from '@sallyport/core';
import type { Command } from 'commander';
import { z } from 'zod';
import type { BrokerClient } from '../broker-client.ts';
import { clientFor, warnInTheClear } from '../caller.ts';
import { tokenInFile } from '../credentials/token-file.ts';
import { define, type Run, type Shell } from '../define.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { flag, requestOrGrantId, required } from '../fields.ts';
import { makeForms } from '../oauth/forms.ts';
import { revokeToken } from '../oauth/revoke-token.ts';
import { plain } from '../output.ts';
import { brokerAddress } from '../settings.ts';
import { stateLine } from '../views.ts';

const given = z
  .object({ id: requestOrGrantId.optional(), tokenFile: required(4_096).optional(), json: flag })
  .superRefine(({ id, tokenFile }, ctx) => {
    if ((id === undefined) !== (tokenFile === undefined)) return;
    const message = id === undefined ? 'is missing, and so is --token-file' : 'and --token-file are two: keep one';
    ctx.addIssue({ code: 'custom', path: ['id'], message });
  });

/** Adds the command. */
export function revokeCommand(parent: Command, run: Run): void {
  define(parent, run, {
    usage: 'revoke [id]',
    summary: 'end an access now, or take a request back',
    description:
      'For a grant, or the request it came from: every token of it is inactive at once. For a request nobody has decided ' +
      'yet: cancels it, which only its requester may. With --token-file only that one token ends; no other credential ' +
      'is needed. Doing it twice changes nothing.',
    options: [['--token-file <file>', 'a token from sallyport token --output: give it back when the job is done']],
    examples: [
      'sallyport revoke grt_01h8xgjwbwbaq4z5y9x2v3k7ma',
      'sallyport revoke req_01h8xgjwbwbaq4z5y9x2v3k7ma',
      'sallyport revoke --token-file ./token',
    ],
    given,
    act: async ({ id = '', tokenFile }, shell) => {
      if (tokenFile !== undefined) return endToken(tokenFile, shell);
      const broker = clientFor(shell);
      const grant = parseGrantId(id);
      if (grant !== undefined) return endGrant(broker, grant, shell);
      const request = parseRequestId(id);
      if (request === undefined) throw new Error('an id that no field let through');
      return endRequest(broker, request, shell);
    },
  });
}

async function endToken(file: string, { env, out }: Shell): Promise<ExitCode> {
  const broker = brokerAddress(env);
  warnInTheClear(broker, out);
  const token = await tokenInFile(file);
  if (!token.ok) return out.fail(token.error);
  const revoked = await revokeToken(makeForms(broker, new AbortController().signal), token.value);
  if (!revoked.ok) return out.fail(revoked.error);
  out.result({ revoked: true }, ['the token is revoked']);
  return EXIT.done;
}

async function endGrant(broker: BrokerClient, id: GrantId, { out }: Shell): Promise<ExitCode> {
  const ended = await broker.revoke(id);
  if (!ended.ok) return out.fail(ended.error);
  const { state, role, resource, subject } = ended.value;
  out.result(ended.value, [plain(`${ended.value.id}  ${state}: ${role} of ${resource} for ${subject}`)]);
  return EXIT.done;
}

async function endRequest(broker: BrokerClient, id: RequestId, shell: Shell): Promise<ExitCode> {
  const { out } = shell;
  const read = await broker.readRequest(id);
  if (!read.ok) return out.fail(read.error);
  const grant = parseGrantId(read.value.view.grant?.id ?? '');
  if (grant !== undefined) return endGrant(broker, grant, shell);
  const canceled = await broker.cancel(id);
  if (!canceled.ok) return out.fail(canceled.error);
  out.result(canceled.value, [`${out.bold(canceled.value.id)}  ${stateLine(canceled.value)}`]);
  return EXIT.done;
}
