/** `sallyport keys list`: which keys there are, what each is there for, what comes next. */
import { instant } from '@sallyport/core';
import type { Command } from 'commander';
import { z } from 'zod';
import { define, type Run, type Shell } from '../define.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { flag, required } from '../fields.ts';
import { fileOf } from '../keys/at-hand.ts';
import { readKeys } from '../keys/change-keys.ts';
import { keyLines, keyViews, nextLine } from '../keys/words.ts';

/** Adds the command. */
export function listKeysCommand(group: Command, run: Run): void {
  define(group, run, {
    usage: 'list',
    summary: 'show the signing keys: which sign, which come next, which only verify',
    options: [['--file <file>', 'the key file; SALLYPORT_SIGNING_KEYS unless named']],
    examples: ['sallyport keys list'],
    given: z.object({ file: required(4_096).optional(), json: flag }),
    act: list,
  });
}

async function list({ file }: { readonly file?: string | undefined }, shell: Shell): Promise<ExitCode> {
  const read = await readKeys(fileOf(file, shell.env));
  if (!read.ok) return shell.out.fail(read.error);
  const tokens = await import('@sallyport/tokens');
  const views = keyViews(read.value, tokens);
  const next = nextLine(read.value, instant(shell.clock()), tokens);
  shell.out.result({ keys: views }, [...keyLines(views, shell.out), next]);
  return EXIT.done;
}
