/** Reads a key file from disk, never more than it may hold, and judges who else may. */
import { open } from 'node:fs/promises';
import { KEY_FILE_BYTES_MAX, type KeyFile } from './key-file.ts';

export interface KeyText {
  readonly text: string;
  /** Permission bits; 0 where the system has none. */
  readonly mode: number;
}

const OTHERS_WRITE = 0o022;
const WORLD_READS = 0o004;
const PERMISSIONS = 0o777;

/**
 * The text of a key file, and its permissions, of the same open file. One byte more than allowed is read of a longer one:
 * `parseKeyFile` refuses it. Throws what Node throws (`ENOENT`, `EACCES`, …).
 */
export async function readKeyText(path: string): Promise<KeyText> {
  const handle = await open(path, 'r');
  try {
    const { mode } = await handle.stat();
    const buffer = Buffer.alloc(KEY_FILE_BYTES_MAX + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    const text = buffer.toString('utf8', 0, bytesRead);
    buffer.fill(0);
    return { text, mode: process.platform === 'win32' ? 0 : mode & PERMISSIONS };
  } finally {
    await handle.close();
  }
}

/**
 * Why a file with these permissions is no place for signing keys; undefined when it is one. Whoever may write it can
 * publish a key of their own; whoever may read it can sign, unless its private halves are encrypted. The group may read:
 * that is how a mounted secret reaches a program that is not root.
 */
export function exposureOf(mode: number, { keys }: KeyFile): string | undefined {
  if ((mode & OTHERS_WRITE) !== 0) return 'others than its owner may write it: chmod go-w';
  const plain = keys.some((key) => key.privateHalf?.kind === 'plain');
  return plain && (mode & WORLD_READS) !== 0
    ? 'everybody may read it, and it is not encrypted: chmod 600, or sallyport keys encrypt'
    : undefined;
}
