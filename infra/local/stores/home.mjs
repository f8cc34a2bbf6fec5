/** The folder the stores' files lie in: the state folder, or, for root, one that their own user can reach. */
import { createHash, randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const OUTSIDE = '/var/lib/sallyport';

/** Folders made for this very state path. A new state folder gets a new one, for its passwords are new too. */
const prefixFor = (stateDir) => `${createHash('sha256').update(stateDir).digest('hex').slice(0, 12)}-`;

function outside() {
  for (const dir of [OUTSIDE, path.join(tmpdir(), 'sallyport')]) {
    try {
      mkdirSync(dir, { recursive: true, mode: 0o755 });
      return dir;
    } catch (error) {
      if (!['EACCES', 'EROFS', 'EPERM'].includes(error.code)) throw error;
    }
  }
  throw new Error(`neither ${OUTSIDE} nor ${tmpdir()} can be written`);
}

/** The folder named in the state folder, if it is there and was made for this state folder (a copied tree gets its own). */
export function namedFolder(files) {
  if (!existsSync(files.storesFolder)) return undefined;
  const folder = readFileSync(files.storesFolder, 'utf8').trim();
  return path.basename(folder).startsWith(prefixFor(files.dir)) && existsSync(folder) ? folder : undefined;
}

/** Folders of earlier state folders at this path, which nothing names any more: their passwords are gone. */
export function forgottenFolders(files) {
  const named = namedFolder(files);
  const prefix = prefixFor(files.dir);
  if (!existsSync(OUTSIDE)) return [];
  return readdirSync(OUTSIDE)
    .filter((name) => name.startsWith(prefix))
    .map((name) => path.join(OUTSIDE, name))
    .filter((folder) => folder !== named);
}

/** @returns {string} an existing folder that the stores' user can enter; nothing in it belongs to them yet */
export function storesFolder(files, user) {
  if (user === undefined) return files.dir;
  const named = namedFolder(files);
  if (named) return named;
  const folder = path.join(outside(), prefixFor(files.dir) + randomBytes(4).toString('hex'));
  mkdirSync(folder, { mode: 0o755 });
  writeFileSync(files.storesFolder, `${folder}\n`, { mode: 0o600 });
  return folder;
}

/** Makes a folder only the stores' user (or the caller) can open. */
export function privateFolder(folder, user) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** Removes a folder with all in it. */
export const removeFolder = (folder) => rmSync(folder, { recursive: true, force: true });
