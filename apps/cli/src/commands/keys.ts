/** `sallyport keys`: makes signing keys. */
import { writeFile } from 'node:fs/promises';
import { errorCode } from '@sallyport/platform';
import type { Command } from 'commander';
import { z } from 'zod';
import { define, type Run, type Shell } from '../define.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { required } from '../fields.ts';
import { plain } from '../output.ts';

/** Adds the commands. */
export function keysCommands(parent: Command, run: Run): void {
  const group = parent.command('keys').helpCommand(false).summary('make signing keys');
  group.description("The broker's signing keys: a private JWK set, named by SALLYPORT_SIGNING_KEYS.");
  define(group, run, {
    usage: 'generate',
    summary: 'make a file with a new ES256 signing key',
    description:
      'The file is readable by its owner only, and an existing one is never overwritten. Without --out the keys go to ' +
      'stdout, for a secret store; then it must not be a terminal.',
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

async function generate(file: string | undefined, { out, stdout }: Shell): Promise<ExitCode> {
  if (file === undefined && stdout.isTTY === true) {
    const message = 'a private key does not belong on a terminal';
    return out.fail({ exit: EXIT.usage, code: 'terminal', message, next: 'Name a file with --out, or pipe it on.' });
  }
  const { generateSigningKey } = await import('@sallyport/tokens');
  const key = await generateSigningKey();
  const text = JSON.stringify({ keys: [key] }, null, 2);
  if (file === undefined) out.line(text);
  else {
    const problem = await writeNew(file, `${text}\n`);
    if (problem !== undefined) {
      return out.fail({ exit: EXIT.usage, code: 'file_not_written', message: problem, next: 'Name another file.' });
    }
    out.line(plain(`${file}: one ES256 key, kid ${String(key.kid)}`));
  }
  return EXIT.done;
}

/** Writes a file that is not there yet, for its owner only. @returns why it could not */
async function writeNew(file: string, text: string): Promise<string | undefined> {
  try {
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
    return undefined;
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code === undefined) throw thrown;
    return code === 'EEXIST' ? `${file} is there already` : `${file} cannot be written (${code})`;
  }
}
