/** Owns the reading of a token from a file, bounded. */
import { readFile, stat } from 'node:fs/promises';
import { err, type Result } from '@sallyport/core';
import { errorCode, type Secret } from '@sallyport/platform';
import type { Trouble } from '../trouble.ts';
import { tokenIn, unusable } from './credential.ts';

const FILE_BYTES_MAX = 65_536;

/** The token in this file as it is now. */
export async function tokenInFile(path: string): Promise<Result<Secret<string>, Trouble>> {
  try {
    const { size } = await stat(path);
    if (size > FILE_BYTES_MAX) return err(unusable(`${path} is too large for a token`));
    return tokenIn(await readFile(path, 'utf8'), path);
  } catch (thrown) {
    const code = errorCode(thrown);
    if (code === undefined) throw thrown;
    return err(unusable(`${path} cannot be read (${code})`));
  }
}

/** Whether there is such a file. */
export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
