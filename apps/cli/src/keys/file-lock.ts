/** One change of a file at a time: a lock file beside it, which a dead process of this machine does not keep. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { err, ok, type Result } from '@sallyport/core';
import { errorCode, randomToken } from '@sallyport/platform';
import { z } from 'zod';

const holderShape = z.object({ pid: z.int().positive(), host: z.string() });

export interface FileLock {
  /** Whether nobody took it over meanwhile: asked right before the change is made good. */
  isMine(): Promise<boolean>;
  release(): Promise<void>;
}

/** The lock's own path. */
export function lockPathOf(file: string): string {
  return `${file}.lock`;
}

/** @returns the lock, or who holds it. Throws what Node throws when the folder cannot be written. */
export async function lockFile(file: string): Promise<Result<FileLock, string>> {
  const path = lockPathOf(file);
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), nonce: randomToken(16) });
  const taken = (await create(path, mine)) || ((await moveDeadAway(path)) && (await create(path, mine)));
  if (!taken) return err(await holderOf(path));
  const isMine = async (): Promise<boolean> => (await read(path)) === mine;
  return ok({
    isMine,
    release: async () => {
      if (await isMine()) await rm(path, { force: true });
    },
  });
}

async function create(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === 'EEXIST') return false;
    throw thrown;
  }
}

/** Of two who find the same dead holder only one can move its lock. */
async function moveDeadAway(path: string): Promise<boolean> {
  const holder = parse(await read(path));
  if (holder === undefined || holder.host !== hostname() || isAlive(holder.pid)) return false;
  const away = `${path}.${process.pid}`;
  try {
    await rename(path, away);
    await rm(away, { force: true });
    return true;
  } catch {
    return false;
  }
}

async function holderOf(path: string): Promise<string> {
  const holder = parse(await read(path));
  return holder === undefined ? 'somebody' : `process ${holder.pid} on ${holder.host}`;
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

function parse(text: string | undefined): z.output<typeof holderShape> | undefined {
  try {
    return holderShape.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return errorCode(thrown) !== 'ESRCH';
  }
}
