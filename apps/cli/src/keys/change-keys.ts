/** Changes a key file: one at a time, only into what a broker takes, whole or not at all. */
import { realpath } from 'node:fs/promises';
import { err, ok, type Result } from '@sallyport/core';
import { errorCode } from '@sallyport/platform';
import type { Changed, KeyFile, KeyWrapping } from '@sallyport/tokens';
import { EXIT } from '../exit-codes.ts';
import type { Trouble } from '../trouble.ts';
import { lockFile, lockPathOf } from './file-lock.ts';
import { replaceWhole } from './whole-file.ts';

/** What a change makes of a file; without a step there is nothing to do. */
export type ChangeKeys = (file: KeyFile) => Promise<Result<Changed, Trouble>>;

export interface ChangeOptions {
  readonly path: string;
  readonly wrapping: KeyWrapping | undefined;
  /** Says what it would do and writes nothing. */
  readonly dryRun: boolean;
}

/** Reads a key file. */
export async function readKeys(path: string): Promise<Result<KeyFile, Trouble>> {
  const { parseKeyFile, readKeyText } = await import('@sallyport/tokens');
  try {
    const file = parseKeyFile((await readKeyText(path)).text);
    return file.ok ? file : err(unfit(path, file.error));
  } catch (thrown) {
    return err(fileTrouble(path, thrown));
  }
}

/** Makes the change, or says why not. */
export async function changeKeys(options: ChangeOptions, change: ChangeKeys): Promise<Result<Changed, Trouble>> {
  try {
    const path = await realpath(options.path);
    return await (options.dryRun ? decide(path, options, change) : changeLocked(path, options, change));
  } catch (thrown) {
    return err(fileTrouble(options.path, thrown));
  }
}

async function changeLocked(
  path: string,
  options: ChangeOptions,
  change: ChangeKeys,
): Promise<Result<Changed, Trouble>> {
  const lock = await lockFile(path);
  if (!lock.ok) return err(busy(path, lock.error));
  try {
    const next = await decide(path, options, change);
    if (!next.ok || next.value.text === undefined) return next;
    const written = await replaceWhole(path, next.value.text, lock.value.isMine);
    return written ? next : err(busy(path, 'somebody else'));
  } finally {
    await lock.value.release();
  }
}

/** What the file would become; `text` is absent when that is what it is. Refuses what no broker would take. */
async function decide(
  path: string,
  { wrapping }: ChangeOptions,
  change: ChangeKeys,
): Promise<Result<Changed & { readonly text?: string }, Trouble>> {
  const file = await readKeys(path);
  if (!file.ok) return file;
  const next = await change(file.value);
  if (!next.ok || next.value.steps.length === 0) return next;
  const { parseKeySet, spellKeyFile } = await import('@sallyport/tokens');
  const text = spellKeyFile(next.value.file);
  const set = await parseKeySet(text, wrapping);
  return set.ok ? ok({ ...next.value, text }) : err(unfit(path, set.error));
}

function unfit(path: string, problems: readonly string[]): Trouble {
  return {
    exit: EXIT.configuration,
    code: 'keys_unfit',
    message: `${path}: ${problems.join('; ')}`,
    next: 'Nothing was written. docs/keys.md says what a key file holds.',
  };
}

function busy(path: string, holder: string): Trouble {
  return {
    exit: EXIT.unreachable,
    code: 'keys_busy',
    message: `${holder} changes ${path} at this moment`,
    next: `Try again. If nobody does, remove ${lockPathOf(path)}.`,
  };
}

function fileTrouble(path: string, thrown: unknown): Trouble {
  const code = errorCode(thrown);
  if (code === undefined || !/^E[A-Z]+$/.test(code)) throw thrown;
  const message = code === 'ENOENT' ? `there is no ${path}` : `${path} cannot be read or written (${code})`;
  const next = 'Name the key file with --file or SALLYPORT_SIGNING_KEYS.';
  return { exit: EXIT.configuration, code: 'keys_unreadable', message, next };
}
