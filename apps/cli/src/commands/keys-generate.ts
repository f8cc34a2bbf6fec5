/** `sallyport keys generate`: makes a file with the first keys. */
import { type Instant, instant } from '@sallyport/core';
import { errorCode } from '@sallyport/platform';
import type { KeyFile } from '@sallyport/tokens';
import type { Command } from 'commander';
import { z } from 'zod';
import { define, type Run, type Shell } from '../define.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { required } from '../fields.ts';
import { wrappingOf } from '../keys/at-hand.ts';
import { createWhole } from '../keys/whole-file.ts';
import { plain } from '../output.ts';

/** Adds the command. */
export function generateCommand(group: Command, run: Run): void {
  define(group, run, {
    usage: 'generate',
    summary: 'make a file with new signing keys, one ES256 and one RS256',
    description:
      'ES256 signs access tokens, RS256 what clouds take. The file is readable by its owner only, and an existing one is ' +
      'never overwritten. Without --out the keys go to stdout, for a secret store; then it must not be a terminal.',
    options: [['--out <file>', 'where to write them']],
    json: false,
    examples: [
      'sallyport keys generate --out signing-keys.json',
      'sallyport keys generate | vault kv put secret/sallyport keys=-',
    ],
    given: z.object({ out: required(4_096).optional() }),
    act: (given, shell) => generate(given.out, shell),
  });
}

async function generate(file: string | undefined, shell: Shell): Promise<ExitCode> {
  const { out, stdout } = shell;
  if (file === undefined && stdout.isTTY === true) {
    const message = 'a private key does not belong on a terminal';
    return out.fail({ exit: EXIT.usage, code: 'terminal', message, next: 'Name a file with --out, or pipe it on.' });
  }
  const keys = await firstKeys(instant(shell.clock()), shell);
  const { spellKeyFile } = await import('@sallyport/tokens');
  const text = spellKeyFile(keys);
  if (file === undefined) out.line(text.trimEnd());
  else {
    const problem = await writeNew(file, text);
    if (problem !== undefined) {
      return out.fail({ exit: EXIT.usage, code: 'file_not_written', message: problem, next: 'Name another file.' });
    }
    for (const { alg, kid } of keys.keys) out.line(plain(`${file}: ${alg}, kid ${kid}`));
  }
  return EXIT.done;
}

async function firstKeys(now: Instant, { env }: Shell): Promise<KeyFile> {
  const { generateEntry, inTurn, publish } = await import('@sallyport/tokens');
  const wrapping = await wrappingOf(env);
  const made = [await generateEntry('ES256', now, wrapping), await generateEntry('RS256', now, wrapping)];
  return inTurn({ keys: [], revoked: [] }, made, (file, key) => publish(file, key, now)).file;
}

/** @returns why it could not */
async function writeNew(file: string, text: string): Promise<string | undefined> {
  try {
    await createWhole(file, text);
    return undefined;
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code === undefined) throw thrown;
    return code === 'EEXIST' ? `${file} is there already` : `${file} cannot be written (${code})`;
  }
}
