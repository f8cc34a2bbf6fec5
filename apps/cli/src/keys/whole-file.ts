/** Writes a file whole or not at all: beside it, to the disk, then renamed. A reader sees the old one or the new one. */
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const OWNER_ONLY = 0o600;
const GROUP_READS = 0o040;

/** Where the next content waits. What a crash left there is written over. */
export function besideOf(file: string): string {
  return `${file}.new`;
}

/** Makes a file that is not there yet, for its owner only. Throws EEXIST when it is. */
export async function createWhole(file: string, text: string): Promise<void> {
  await writeBeside(file, text, OWNER_ONLY);
  try {
    await link(besideOf(file), file);
    await syncFolder(file);
  } finally {
    await rm(besideOf(file), { force: true });
  }
}

/**
 * Replaces a file. It keeps its owner, and that the group may read it; nobody else may do anything.
 * @param mayStill asked right before the old content goes: false leaves everything as it was
 */
export async function replaceWhole(file: string, text: string, mayStill: () => Promise<boolean>): Promise<boolean> {
  const before = await stat(file);
  await writeBeside(file, text, OWNER_ONLY | (before.mode & GROUP_READS), before);
  if (!(await mayStill())) return false;
  await rename(besideOf(file), file);
  await syncFolder(file);
  return true;
}

async function writeBeside(file: string, text: string, mode: number, owner?: { uid: number; gid: number }) {
  await rm(besideOf(file), { force: true });
  const handle = await open(besideOf(file), 'wx', OWNER_ONLY);
  try {
    const made = await handle.stat();
    if (owner !== undefined && (made.uid !== owner.uid || made.gid !== owner.gid)) {
      await handle.chown(owner.uid, owner.gid);
    }
    await handle.chmod(mode);
    await handle.writeFile(text, 'utf8');
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The name, too, has to be on the disk. Not every system lets a folder be opened. */
async function syncFolder(file: string): Promise<void> {
  const handle = await open(dirname(file), 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
