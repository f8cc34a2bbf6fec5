/** Owns the writing of a secret to a file: for its owner only, whole or not at all, replacing what was there. */
import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { errorCode, type Secret } from '@sallyport/platform';
import { EXIT } from './exit-codes.ts';
import type { Trouble } from './trouble.ts';

/** Writes beside it and renames: an older file's mode, or a link somebody laid there, does not matter. @returns why it could not */
export async function writeSecretFile(path: string, text: Secret<string>): Promise<Trouble | undefined> {
  const beside = `${path}.${randomUUID()}`;
  try {
    await writeFile(beside, text.reveal(), { mode: 0o600, flag: 'wx' });
    await rename(beside, path);
    return undefined;
  } catch (thrown) {
    await rm(beside, { force: true });
    const code = errorCode(thrown);
    if (code === undefined) throw thrown;
    return {
      exit: EXIT.usage,
      code: 'file_not_written',
      message: `${path} cannot be written (${code})`,
      next: 'Name another file with --output.',
    };
  }
}
