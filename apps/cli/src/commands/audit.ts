/** `sallyport audit`: exports the trail as JSON lines, and verifies it from a file, from stdin or in the database. */
import { createReadStream } from 'node:fs';
import type { RequestId } from '@sallyport/core';
import { errorCode } from '@sallyport/platform';
import type { BadRow, Verified } from '@sallyport/postgres';
import type { Command } from 'commander';
import { z } from 'zod';
import { databaseTrouble } from '../database.ts';
import { define, type Run, type Shell } from '../define.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { flag, requestId, required } from '../fields.ts';
import { linesOf } from '../lines.ts';
import { plain } from '../output.ts';
import { auditSettings, databaseSettings } from '../settings.ts';
import type { Trouble } from '../trouble.ts';

/** Adds the commands. */
export function auditCommands(parent: Command, run: Run): void {
  const group = parent.command('audit').helpCommand(false).summary('export and verify the audit trail');
  group.description('The trail says who did what, when and why it was allowed; ids, hashes and codes, no free text.');
  define(group, run, {
    usage: 'export',
    summary: 'print the audit trail as JSON lines',
    description:
      'Reads the database in DATABASE_URL. The first line says what was exported; every other line is one row ' +
      'exactly as it was sealed, with its seal (`mac`, `mac_key`) at the end.',
    options: [['--request <request>', 'only the rows of one request']],
    json: false,
    examples: [
      'sallyport audit export > trail.jsonl',
      'sallyport audit export --request req_01h8xgjwbwbaq4z5y9x2v3k7ma',
    ],
    given: z.object({ request: requestId.optional() }),
    act: exportTrail,
  });
  define(group, run, {
    usage: 'verify [file]',
    summary: 'verify the audit trail',
    description:
      'Checks the seal of every row, and that no row is missing, doubled or out of order. FILE is an export, - is stdin; ' +
      'without it the database in DATABASE_URL is read. Needs SALLYPORT_AUDIT_KEY. Exit code 1 and the first bad row if ' +
      'something is wrong.',
    examples: ['sallyport audit verify', 'sallyport audit export | sallyport audit verify -'],
    given: z.object({ file: required(4_096).optional(), json: flag }),
    act: verify,
  });
}

async function exportTrail({ request }: { readonly request?: RequestId | undefined }, shell: Shell): Promise<ExitCode> {
  const url = databaseSettings(shell.env).url.reveal();
  const { exportLines } = await import('@sallyport/postgres');
  return withDatabase(shell, async () => {
    for await (const line of exportLines({ url, ...(request === undefined ? {} : { request }) })) {
      await shell.out.chunk(`${line}\n`);
    }
    return EXIT.done;
  });
}

async function verify({ file }: { readonly file?: string | undefined }, shell: Shell): Promise<ExitCode> {
  const key = auditSettings(shell.env).key.reveal();
  if (file === undefined) {
    const url = databaseSettings(shell.env).url.reveal();
    const { verifyDatabase } = await import('@sallyport/postgres');
    return withDatabase(shell, async () => say(await verifyDatabase({ url }, key), shell));
  }
  const { verifyExport } = await import('@sallyport/postgres');
  const stream = file === '-' ? shell.stdin : createReadStream(file);
  const counted = countLines(linesOf(stream));
  try {
    const verified = await verifyExport(counted.lines, key);
    return counted.seen() === 0 ? shell.out.fail(EMPTY) : say(verified, shell);
  } catch (thrown) {
    const code = errorCode(thrown);
    if (file === '-' || code === undefined || !/^E[A-Z]+$/.test(code)) throw thrown;
    const message = code === 'ENOENT' ? `there is no ${file}` : `${file} cannot be read (${code})`;
    return shell.out.fail({
      exit: EXIT.usage,
      code: 'file_unreadable',
      message,
      next: 'Name an audit export, or - for stdin.',
    });
  }
}

const EMPTY: Trouble = {
  exit: EXIT.problem,
  code: 'empty',
  message: 'this export is empty: not even its first line is there',
  next: 'Export again: sallyport audit export > trail.jsonl',
};

/** An export has at least its header: a file without any line was cut. */
function countLines(lines: AsyncIterable<string>) {
  let count = 0;
  async function* counted(): AsyncGenerator<string> {
    for await (const line of lines) {
      count += 1;
      yield line;
    }
  }
  return { lines: counted(), seen: () => count };
}

const MEANING = {
  unreadable: 'it is not a row of an audit export',
  mac_mismatch: 'its content is not what was written, or its seal is not',
  unknown_key: 'it was sealed under another key: is SALLYPORT_AUDIT_KEY the one the programs run with?',
  lane_hole: 'a row before it is missing, or this one is doubled or out of order',
  lane_cut: 'rows are missing that were certainly written',
} as const satisfies Record<BadRow, string>;

function say(verified: Verified, { out }: Shell): ExitCode {
  if (verified.ok) {
    const rows = `${verified.rows} ${verified.rows === 1 ? 'row' : 'rows'}`;
    const checked = verified.lanesChecked
      ? 'every seal holds and no row is missing'
      : 'every seal holds; an export of one request cannot show whether rows are missing';
    out.result(verified, [`${out.good('the audit trail verifies')}: ${rows}, ${checked}`]);
    return EXIT.done;
  }
  const { row, kind, at } = verified.bad;
  const where = at === undefined ? '' : ` (lane ${at.lane}, number ${at.counter})`;
  out.result(verified, [
    `${out.bad('the audit trail does not verify')}: row ${row} is the first bad one${plain(where)}`,
    `${kind}: ${MEANING[kind]}`,
    'Keep the database and this export as they are, and find out who could write to them.',
  ]);
  return EXIT.problem;
}

async function withDatabase(shell: Shell, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (thrown) {
    const trouble = databaseTrouble(thrown);
    if (trouble === undefined) throw thrown;
    return shell.out.fail(trouble);
  }
}
